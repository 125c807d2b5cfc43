/** Prefix of the server's environment variables. */
export const ENV_PREFIX = "SIFSHELF_SERVER_";

/** Returns the environment variable of a setting: `publicUrl` is `SIFSHELF_SERVER_PUBLIC_URL`. */
export function envNameOf(name: string): string {
  return ENV_PREFIX + separateWords(name, "_").toUpperCase();
}

/** Returns the flag of a setting: `publicUrl` is `--public-url`. */
export function flagNameOf(name: string): string {
  return `--${separateWords(name, "-").toLowerCase()}`;
}

function separateWords(name: string, separator: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => separator + letter);
}
