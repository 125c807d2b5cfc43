/**
 * Why a catalog is not usable: `catalog-not-accessible` (cannot be opened or written),
 * `catalog-corrupt` (not a catalog, or a damaged one), `catalog-too-new` (needs a later release),
 * `catalog-too-old` (waits for the server to migrate it).
 */
export type CatalogErrorCode =
  | "catalog-not-accessible"
  | "catalog-corrupt"
  | "catalog-too-new"
  | "catalog-too-old";

/** A catalog that cannot be opened; nothing in it was changed. */
export class CatalogError extends Error {
  readonly code: CatalogErrorCode;

  constructor(code: CatalogErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CatalogError";
    this.code = code;
  }
}
