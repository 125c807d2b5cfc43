import type {
  ArchTagMap,
  Collection,
  Container,
  Entity,
  Identity,
  Image,
  LibraryRef,
  TagMap,
  VersionInfo,
} from "@sifshelf/protocol";

import type { LibraryClientOptions } from "./client-options.js";
import type { NewCollection } from "./collections.js";
import type { NewContainer } from "./containers.js";
import type { NewEntity } from "./entities.js";
import type { Logger } from "./http/logger.js";
import type { ImageOptions, NewImage } from "./images.js";
import type { ConcurrentDownloadOptions, DownloadedImage, DownloadImageOptions } from "./pull.js";
import type { PushSource, UploadedImage, UploadImageOptions } from "./push.js";
import type { RequestOptions } from "./request-options.js";
import type { SearchQuery, SearchResults } from "./search.js";
import type { ArchTagAssignment, TagAssignment } from "./tags.js";
import type { ByteSink } from "./transfer/byte-sink.js";

/** Speaks to one library (Go: `Client`). Holds no connection open and needs no closing. */
export declare class LibraryClient {
  constructor(options?: LibraryClientOptions);
  /** Base URL, with a slash at its end. */
  readonly baseUrl: string;
  readonly userAgent: string;
  readonly logger: Logger;
  /** The bearer token, empty if anonymous; not enumerable. */
  get authToken(): string;

  getVersion(options?: RequestOptions): Promise<VersionInfo>;
  getIdentity(options?: RequestOptions): Promise<Identity>;

  getEntity(ref: string, options?: RequestOptions): Promise<Entity>;
  createEntity(entity: NewEntity, options?: RequestOptions): Promise<Entity>;
  getCollection(ref: string, options?: RequestOptions): Promise<Collection>;
  createCollection(collection: NewCollection, options?: RequestOptions): Promise<Collection>;
  getContainer(ref: string, options?: RequestOptions): Promise<Container>;
  createContainer(container: NewContainer, options?: RequestOptions): Promise<Container>;

  getImage(ref: string | LibraryRef, options?: ImageOptions): Promise<Image>;
  createImage(image: NewImage, options?: RequestOptions): Promise<Image>;
  deleteImage(
    ref: string | LibraryRef,
    options: ImageOptions & { readonly arch: string },
  ): Promise<void>;

  getTags(containerId: string, options?: RequestOptions): Promise<TagMap>;
  setTags(containerId: string, tags: TagAssignment, options?: RequestOptions): Promise<void>;
  getArchTags(containerId: string, options?: RequestOptions): Promise<ArchTagMap>;
  setArchTags(
    containerId: string,
    tags: ArchTagAssignment,
    options?: RequestOptions,
  ): Promise<void>;

  search(query: SearchQuery, options?: RequestOptions): Promise<SearchResults>;
  searchPages(
    query: SearchQuery & { readonly pageSize?: number },
    options?: RequestOptions,
  ): AsyncGenerator<SearchResults, void, undefined>;

  uploadImage(
    source: PushSource,
    path: string,
    options: UploadImageOptions,
  ): Promise<UploadedImage>;
  downloadImage(path: string, options?: DownloadImageOptions): Promise<ReadableStream<Uint8Array>>;
  concurrentDownloadImage(
    sink: ByteSink,
    path: string,
    options?: ConcurrentDownloadOptions,
  ): Promise<DownloadedImage>;
}
