// Refs, names, hashes and arches: reading, checking and writing them.
export { ARCHES, type Arch, isArch, isKnownArch, MAX_ARCH_LENGTH } from "./refs/arch.js";
export {
  type Digest,
  digestOfImageHash,
  digestOfSha256Hex,
  imageHashOfDigest,
  isDigest,
  parseDigest,
  sha256HexOfDigest,
} from "./refs/digest.js";
export {
  DEFAULT_COLLECTION,
  DEFAULT_ENTITY,
  expandRef,
  type ExpandedRef,
} from "./refs/expand-ref.js";
export { type ImageHash, isImageHash, parseImageHash } from "./refs/image-hash.js";
export {
  isLibraryPullRef,
  isLibraryPushRef,
  type LibraryPath,
  parseLibraryPath,
} from "./refs/library-path.js";
export {
  LIBRARY_PREFIX,
  LIBRARY_SCHEME,
  LibraryRef,
  type LibraryRefParts,
} from "./refs/library-ref.js";
export {
  DEFAULT_TAG,
  isRefPart,
  isTagName,
  MAX_NAME_LENGTH,
  MAX_TAG_LENGTH,
} from "./refs/names.js";
export {
  MAX_REF_LENGTH,
  parseAmbiguousLibraryRef,
  parseLibraryRef,
} from "./refs/parse-library-ref.js";
export { isRefError, RefError, type RefErrorCode } from "./refs/ref-error.js";
export type { RefSpan } from "./refs/ref-span.js";

// Models: the records a library keeps, with the schema of each.
export {
  type BaseModel,
  BaseModelSchema,
  getCreated,
  getDeleted,
  getId,
  getUpdated,
  LIBRARY_MODELS,
  type ModelManager,
  type Stamp,
} from "./models/base-model.js";
export { type Blob, BlobSchema } from "./models/blob.js";
export {
  type Collection,
  type CollectionResponse,
  CollectionResponseSchema,
  CollectionSchema,
  type CreateCollectionRequest,
  CreateCollectionRequestSchema,
} from "./models/collection.js";
export {
  type Container,
  type ContainerResponse,
  ContainerResponseSchema,
  ContainerSchema,
  type CreateContainerRequest,
  CreateContainerRequestSchema,
  tagList,
} from "./models/container.js";
export {
  type CreateEntityRequest,
  CreateEntityRequestSchema,
  type Entity,
  type EntityResponse,
  EntityResponseSchema,
  EntitySchema,
} from "./models/entity.js";
export {
  type CreateImageRequest,
  CreateImageRequestSchema,
  type Image,
  type ImageResponse,
  ImageResponseSchema,
  ImageSchema,
} from "./models/image.js";
export {
  type InspectedObject,
  InspectedObjectSchema,
  type Inspection,
  type InspectionProblem,
  InspectionProblemSchema,
  type InspectionResponse,
  InspectionResponseSchema,
  InspectionSchema,
  type LabelMap,
  LabelMapSchema,
  type SifContents,
  SifContentsSchema,
} from "./models/inspection.js";
export { libraryUri } from "./models/library-uri.js";
export {
  type SearchResponse,
  SearchResponseSchema,
  type SearchResults,
  SearchResultsSchema,
} from "./models/search.js";
export {
  type ArchImageTag,
  ArchImageTagSchema,
  type ArchTagMap,
  ArchTagMapSchema,
  type ArchTagsResponse,
  ArchTagsResponseSchema,
  type ImageTag,
  ImageTagSchema,
  type SetTagsRequest,
  SetTagsRequestSchema,
  type TagMap,
  TagMapSchema,
  type TagsResponse,
  TagsResponseSchema,
} from "./models/tag.js";

// The library itself and its users: version, features, identity, errors.
export {
  API_VERSION_V2_ARCH_TAGS,
  API_VERSION_V2_UPLOAD,
  isApiVersionAtLeast,
} from "./api-version.js";
export {
  ERROR_CODES,
  type ErrorCode,
  type ErrorCodeEntry,
  errorCodeOf,
  isErrorCode,
} from "./error-codes.js";
export { type ErrorResponse, ErrorResponseSchema } from "./models/error-response.js";
export { type Identity, IdentitySchema } from "./models/identity.js";
export {
  type VersionInfo,
  VersionInfoSchema,
  type VersionResponse,
  VersionResponseSchema,
} from "./models/version.js";

// Transfers: uploads, whole and in parts, and the digests of a stored image's parts.
export {
  MAX_PART_DIGEST_BYTES,
  MAX_PART_DIGESTS_BYTES,
  PART_DIGEST_STEP_BYTES,
  type PartDigests,
  type PartDigestsResponse,
  PartDigestsResponseSchema,
  PartDigestsSchema,
} from "./models/part-digests.js";
export {
  bareEtag,
  CRC32_PART_SUM,
  crc32PartToken,
  isCrc32PartToken,
  PART_SUM_HEADER,
} from "./models/part-token.js";
export {
  type AbortMultipartUploadRequest,
  AbortMultipartUploadRequestSchema,
  type CompletedPart,
  CompletedPartSchema,
  type CompleteMultipartUploadRequest,
  CompleteMultipartUploadRequestSchema,
  type CompleteMultipartUploadResponse,
  CompleteMultipartUploadResponseSchema,
  type MultipartUpload,
  MultipartUploadSchema,
  type MultipartUploadStartRequest,
  MultipartUploadStartRequestSchema,
  type MultipartUploadStartResponse,
  MultipartUploadStartResponseSchema,
  type MultipartUploadState,
  MultipartUploadStateSchema,
  type MultipartUploadStateResponse,
  MultipartUploadStateResponseSchema,
  OPTION_S3_COMPLIANT,
  type QuotaResponse,
  QuotaResponseSchema,
  type StoredPart,
  StoredPartSchema,
  type UploadImage,
  type UploadImageComplete,
  type UploadImageCompleteRequest,
  UploadImageCompleteRequestSchema,
  type UploadImageCompleteResponse,
  UploadImageCompleteResponseSchema,
  UploadImageCompleteSchema,
  type UploadImagePart,
  type UploadImagePartRequest,
  UploadImagePartRequestSchema,
  type UploadImagePartResponse,
  UploadImagePartResponseSchema,
  UploadImagePartSchema,
  type UploadImageRequest,
  UploadImageRequestSchema,
  type UploadImageResponse,
  UploadImageResponseSchema,
  UploadImageSchema,
} from "./models/upload.js";

// Requests and JSON: for programs that speak the protocol themselves, as our client and server do.
export {
  MAX_DESCRIPTION_LENGTH,
  MAX_ERROR_BODY_BYTES,
  MAX_JSON_BYTES,
  MAX_JSON_DEPTH,
  MAX_REQUEST_JSON_BYTES,
  MAX_SEARCH_LENGTH,
  MAX_SEARCH_PAGE,
  MAX_TAGS_PER_REQUEST,
  MAX_UPLOAD_PARTS,
  MIN_SEARCH_LENGTH,
  MULTIPART_THRESHOLD_BYTES,
} from "./limits.js";
export { type Route, type RouteName, type RouteParams, routePath, ROUTES } from "./routes.js";
export { decode, parseJson } from "./schema/decode.js";
export { isWireError, WireError } from "./schema/wire-error.js";

// Schemas: writing down what a JSON document of one's own looks like, for `decode`.
export {
  arraySchema,
  booleanSchema,
  constantSchema,
  integerSchema,
  objectSchema,
  optional,
  type OptionalSchema,
  recordSchema,
  type Schema,
  type Static,
  stringSchema,
} from "./schema/schema.js";
