import { LibraryError } from "./errors.js";

/** The error for an option or argument that cannot be used. */
export function optionError(problem: string): LibraryError {
  return new LibraryError("option-not-valid", problem);
}
