/** All exit codes of `sifshelf`, by name. They must not change: scripts depend on the numbers. */
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

/** An exit code of `sifshelf`. */
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];
