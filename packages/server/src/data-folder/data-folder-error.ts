/**
 * Why a data folder cannot be used: `data-folder-not-usable` (not a folder, or it cannot be created
 * or written), `data-folder-not-safe` (everyone on the machine may write to it),
 * `data-folder-in-use` (another server is using it).
 */
export type DataFolderErrorCode =
  | "data-folder-not-usable"
  | "data-folder-not-safe"
  | "data-folder-in-use";

/** A data folder that cannot be used. */
export class DataFolderError extends Error {
  readonly code: DataFolderErrorCode;

  constructor(code: DataFolderErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DataFolderError";
    this.code = code;
  }
}
