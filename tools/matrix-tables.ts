import { FOLDERS, PACKAGES } from "./import-matrix.js";

/** The table of packages, as Markdown. */
export function packagesTable(): string {
  return table(["package", "may import"], Object.entries(PACKAGES).map(rowOf));
}

/** The table of the folders of a package, as Markdown. */
export function foldersTable(name: string): string {
  return table(["folder", "may import"], Object.entries(FOLDERS[name] ?? {}).map(rowOf));
}

function rowOf([name, allowed]: readonly [string, readonly string[]]): string[] {
  const others = allowed.map((other) => `\`${other.replace("@sifshelf/", "")}\``);
  return [`\`${name}\``, others.length === 0 ? "nothing of ours" : others.join(", ")];
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  return [heads, heads.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}
