/** Every exit code of `sifshelf`, by name. Frozen: scripts depend on the numbers. */
export const EXIT_CODES = {
  ok: 0,
  other: 1,
  usage: 2,
  notFound: 3,
  auth: 4,
  temporary: 5,
  integrity: 6,
  space: 7,
  conflict: 8,
  partial: 9,
  interrupted: 130,
  terminated: 143,
} as const;

/** A number that `sifshelf` exits with. */
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];
