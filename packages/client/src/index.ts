// The client.
export {
  DEFAULT_BASE_URL,
  DEFAULT_COMPLETION_TIMEOUT_MS,
  DEFAULT_CONFIG,
  DEFAULT_TIMEOUT_MS,
  DEFAULT_USER_AGENT,
  type FetchFunction,
  type LibraryClientOptions,
} from "./client-options.js";
export { DEFAULT_DESCRIPTION, type NewEntity } from "./entities.js";
export {
  isLibraryError,
  isNotFound,
  isUnauthorized,
  LibraryError,
  type LibraryErrorCode,
  type LibraryErrorDetails,
} from "./errors.js";
export type { NewCollection } from "./collections.js";
export type { NewContainer } from "./containers.js";
export { isCertificateFault, isProxyRefusal } from "./http/lasting-fault.js";
export type { LogFunction, Logger } from "./http/logger.js";
export { DEFAULT_RETRY, type RetryPolicy } from "./http/retry.js";
export { imageHash, type ImageHashOptions } from "./image-hash.js";
export type { DeleteImageOptions, ImageOptions, NewImage } from "./images.js";
export { LibraryClient } from "./library-client.js";
export type { OpenedImage } from "./open-image.js";
export type { ConcurrentDownloadOptions, DownloadedImage, DownloadImageOptions } from "./pull.js";
export type { UploadedImage, UploadImageOptions } from "./push.js";
export type { RequestOptions } from "./request-options.js";
export type { SearchPagesQuery, SearchQuery, SearchResults } from "./search.js";
export { sifImageId } from "./sif-image-id.js";
export type { ArchTagAssignment, TagAssignment } from "./tags.js";
export type { ByteSink, SinkHash, SinkImage, SinkStretch } from "./transfer/byte-sink.js";
export type { ByteSource, ReadOptions } from "./transfer/byte-source.js";
export {
  DEFAULT_CONCURRENCY,
  MAX_ADAPTIVE_CONCURRENCY,
  MAX_CONCURRENCY,
  MAX_HELD_PART_BYTES,
  MAX_PART_BYTES,
  MIN_PART_BYTES,
  MIN_PARTED_BYTES,
  type PartOptions,
} from "./transfer/part-sizes.js";
export type { ProgressListener, TransferProgress } from "./transfer/progress.js";
export type { ByteSourceLike } from "./transfer/to-byte-source.js";

// What crosses the wire, from @sifshelf/protocol.
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
export {
  AbortMultipartUploadRequestSchema,
  ArchImageTagSchema,
  ArchTagMapSchema,
  ArchTagsResponseSchema,
  BaseModelSchema,
  BlobSchema,
  CollectionResponseSchema,
  CollectionSchema,
  CompletedPartSchema,
  CompleteMultipartUploadRequestSchema,
  CompleteMultipartUploadResponseSchema,
  ContainerResponseSchema,
  ContainerSchema,
  EntityResponseSchema,
  EntitySchema,
  ImageResponseSchema,
  ImageSchema,
  ImageTagSchema,
  InspectedObjectSchema,
  InspectionProblemSchema,
  InspectionResponseSchema,
  InspectionSchema,
  MultipartUploadSchema,
  MultipartUploadStartRequestSchema,
  MultipartUploadStartResponseSchema,
  QuotaResponseSchema,
  SearchResponseSchema,
  SearchResultsSchema,
  TagMapSchema,
  TagsResponseSchema,
  UploadImageCompleteRequestSchema,
  UploadImageCompleteResponseSchema,
  UploadImageCompleteSchema,
  UploadImagePartRequestSchema,
  UploadImagePartResponseSchema,
  UploadImagePartSchema,
  UploadImageRequestSchema,
  UploadImageResponseSchema,
  UploadImageSchema,
  VersionInfoSchema,
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
