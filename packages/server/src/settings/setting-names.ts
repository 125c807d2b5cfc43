/** Start of the name of every environment variable of the server. */
export const ENV_PREFIX = "SIFSHELF_SERVER_";

/** The environment variable of a setting: `publicUrl` is `SIFSHELF_SERVER_PUBLIC_URL`. */
export function envNameOf(name: string): string {
  return ENV_PREFIX + separateWords(name, "_").toUpperCase();
}

/** The flag of a setting: `publicUrl` is `--public-url`. */
export function flagNameOf(name: string): string {
  return `--${separateWords(name, "-").toLowerCase()}`;
}

function separateWords(name: string, separator: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => separator + letter);
}
