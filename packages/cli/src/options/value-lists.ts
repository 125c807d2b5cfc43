import { MAX_ID } from "@sifshelf/sif";

import { CliError } from "../errors/cli-error.js";

/** Collects the values of a repeatable option; for commander. */
export function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

/** Collects ids, also several separated by commas; for commander. */
export function collectIds(value: string, previous: readonly number[] = []): number[] {
  return [...previous, ...value.split(",").map((part) => parseId(part.trim()))];
}

/**
 * The id of an object or group.
 *
 * @throws {CliError} `usage`
 */
export function parseId(text: string): number {
  const id = /^[0-9]{1,9}$/.test(text) ? Number(text) : 0;
  if (id >= 1 && id <= MAX_ID) return id;
  throw new CliError("usage", `"${text}" is not a valid id of an object or group`, {
    next: 'use a number from "sifshelf sif list"',
  });
}
