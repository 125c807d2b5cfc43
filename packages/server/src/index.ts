// For users who run a server inside their own program.
export { CatalogError, type CatalogErrorCode } from "./catalog/catalog-error.js";
export type { DownloadMode, EntityCreation, LogLevel, ServerConfig } from "./settings/settings.js";
export type { ListenAddress } from "./settings/addresses.js";
export { DataFolderError, type DataFolderErrorCode } from "./data-folder/data-folder-error.js";
export { ListenError } from "./listen-error.js";
export { type LoggerOptions, createLogger } from "./logger.js";
export { type RunningServer, type StartServerOptions, startServer } from "./serve.js";

// For our own tests.
export type { AccessRule } from "./access/access-rule.js";
export { LIBRARY_ACCESS } from "./api/library/access-table.js";
export { REMOTE_ACCESS, REMOTE_ROUTES } from "./api/remote/remote-routes.js";
