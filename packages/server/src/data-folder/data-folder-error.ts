/**
 * Why a data folder is not usable: `data-folder-not-usable` (no folder, cannot be made or written), `data-folder-not-safe`
 * (everyone on the machine may write to it), `data-folder-in-use` (another server has it).
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
