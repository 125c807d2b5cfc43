// For users who run a server inside their own program.
export { CatalogError, type CatalogErrorCode } from "./catalog/catalog-error.js";
export type { DownloadMode, EntityCreation, LogLevel, ServerConfig } from "./settings/settings.js";
export type { ListenAddress } from "./settings/addresses.js";
export { DataFolderError, type DataFolderErrorCode } from "./data-folder/data-folder-error.js";
export { ListenError } from "./listen-error.js";
export { type LoggerOptions, createLogger } from "./logger.js";
export { type RunningServer, type StartServerOptions, startServer } from "./serve.js";
