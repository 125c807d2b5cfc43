// The client.
export {
  DEFAULT_BASE_URL,
  DEFAULT_COMPLETION_TIMEOUT_MS,
  DEFAULT_CONFIG,
  DEFAULT_CONNECT_TIMEOUT_MS,
  DEFAULT_TIMEOUT_MS,
  DEFAULT_USER_AGENT,
  type LibraryClientOptions,
} from "./client/client-options.js";
export {
  isCertificateFault,
  isLibraryError,
  isNotFound,
  isProxyRefusal,
  isUnauthorized,
  LibraryError,
  type LibraryErrorCode,
  type LibraryErrorDetails,
} from "./errors/library-error.js";
export { imageHash, type ImageHashOptions, sifImageId } from "./hashing/image-hash.js";
export type { FetchFunction } from "./http/browser/fetch-transport.js";
export type { RequestOptions } from "./http/connection.js";
export type { LogFunction, Logger } from "./http/logger.js";
export { DEFAULT_RETRY, type RetryPolicy } from "./http/retry.js";
export { LibraryClient } from "./client/library-client.js";
export type { NewCollection } from "./operations/collections.js";
export type { NewContainer } from "./operations/containers.js";
export type { NewEntity } from "./operations/entities.js";
export type { DeleteImageOptions, ImageOptions, NewImage } from "./operations/images.js";
export type { SearchPagesQuery, SearchQuery, SearchResults } from "./operations/search.js";
export type { ArchTagAssignment, TagAssignment } from "./operations/tags.js";
export type { OpenedImage } from "./pull/open-image.js";
export type { PartOptions } from "./pull/part-sizes.js";
export type {
  ConcurrentDownloadOptions,
  DownloadedImage,
  DownloadImageOptions,
} from "./pull/pull.js";
export type { UploadedImage, UploadImageOptions } from "./push/push.js";
export type { ByteRange } from "./transfer/byte-range.js";
export type { ByteSink, SinkHash, SinkImage } from "./transfer/byte-sink.js";
export type { ByteSource, ByteSourceLike, ReadOptions } from "./transfer/byte-source.js";
export type { ProgressListener, TransferProgress } from "./transfer/progress.js";

// Refs, hashes and models, from @sifshelf/protocol.
export {
  API_VERSION_V2_ARCH_TAGS,
  API_VERSION_V2_UPLOAD,
  getCreated,
  getDeleted,
  getId,
  getUpdated,
  isErrorCode,
  isImageHash,
  isLibraryPullRef,
  isLibraryPushRef,
  isRefError,
  isRefPart,
  LIBRARY_MODELS,
  LIBRARY_SCHEME,
  LibraryRef,
  libraryUri,
  OPTION_S3_COMPLIANT,
  parseAmbiguousLibraryRef,
  parseImageHash,
  parseLibraryPath,
  parseLibraryRef,
  RefError,
  tagList,
} from "@sifshelf/protocol";
export type {
  AbortMultipartUploadRequest,
  ArchImageTag,
  ArchTagMap,
  ArchTagsResponse,
  BaseModel,
  Blob,
  Collection,
  CollectionResponse,
  CompletedPart,
  CompleteMultipartUploadRequest,
  CompleteMultipartUploadResponse,
  Container,
  ContainerResponse,
  Entity,
  EntityResponse,
  ErrorCode,
  ErrorResponse,
  Identity,
  Image,
  ImageHash,
  ImageResponse,
  ImageTag,
  InspectedObject,
  Inspection,
  InspectionProblem,
  InspectionResponse,
  LabelMap,
  LibraryPath,
  LibraryRefParts,
  ModelManager,
  MultipartUpload,
  MultipartUploadStartRequest,
  MultipartUploadStartResponse,
  QuotaResponse,
  RefErrorCode,
  SearchResponse,
  SearchResults as SearchResultsWire,
  Stamp,
  TagMap,
  TagsResponse,
  UploadImage,
  UploadImageComplete,
  UploadImageCompleteRequest,
  UploadImageCompleteResponse,
  UploadImagePart,
  UploadImagePartRequest,
  UploadImagePartResponse,
  UploadImageRequest,
  UploadImageResponse,
  VersionInfo,
} from "@sifshelf/protocol";
