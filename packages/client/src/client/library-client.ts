import type {
  ArchTagMap,
  Collection,
  Container,
  Entity,
  Identity,
  Image,
  Inspection,
  LibraryRef,
  TagMap,
  VersionInfo,
} from "@sifshelf/protocol";

import type { LibraryClientOptions } from "./client-options.js";
import * as collections from "../operations/collections.js";
import * as containers from "../operations/containers.js";
import * as entities from "../operations/entities.js";
import type { Connection, RequestOptions } from "../http/connection.js";
import type { Logger } from "../http/logger.js";
import { getIdentity } from "../operations/identity.js";
import * as images from "../operations/images.js";
import { getInspection } from "../operations/inspections.js";
import { openImage, type OpenedImage } from "../pull/open-image.js";
import * as pull from "../pull/pull.js";
import * as push from "../push/push.js";
import { resolveConnection } from "./resolve-connection.js";
import * as search from "../operations/search.js";
import * as tags from "../operations/tags.js";
import type { ByteSink } from "../transfer/byte-sink.js";
import type { ByteSourceLike } from "../transfer/byte-source.js";
import { createVersionQuery, libraryFeatures, type VersionQuery } from "../operations/version.js";

/**
 * A client for one library (Go: `Client`). Holds nothing that needs closing. Every method rejects
 * with `LibraryError` when it fails, with `RefError` when a ref is not valid, and with the signal's
 * reason when it is aborted.
 */
export class LibraryClient {
  /** Base URL, with a trailing slash. */
  readonly baseUrl: string;
  /** Value of the `User-Agent` header. */
  readonly userAgent: string;
  /** Where the client writes its log. */
  readonly logger: Logger;
  readonly #connection: Connection;
  readonly #version: VersionQuery;

  /** @throws LibraryError `option-not-valid` */
  constructor(options: LibraryClientOptions = {}) {
    this.#connection = resolveConnection(options);
    this.#version = createVersionQuery(this.#connection);
    this.baseUrl = this.#connection.baseUrl.href;
    this.userAgent = this.#connection.userAgent;
    this.logger = this.#connection.logger;
  }

  /** The bearer token, empty if the client is anonymous. Printing the client does not print it. */
  get authToken(): string {
    return this.#connection.token();
  }

  /** What Node's `console.log` and `inspect` show, whatever their options. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `LibraryClient { baseUrl: ${JSON.stringify(this.baseUrl)} }`;
  }

  /**
   * Returns the library's version (Go: `GetVersion`). Requested once; later calls share the result.
   */
  getVersion(options?: RequestOptions): Promise<VersionInfo> {
    return this.#version.ask(options);
  }

  /** Returns the owner of the token. Rejects with `unauthorized` when it belongs to nobody. */
  getIdentity(options?: RequestOptions): Promise<Identity> {
    return getIdentity(this.#connection, options);
  }

  /** Returns the entity with this name. */
  getEntity(ref: string, options?: RequestOptions): Promise<Entity> {
    return entities.getEntity(this.#connection, ref, options);
  }

  /**
   * Creates an entity. When one with this name exists, the library returns it or rejects with
   * `conflict`.
   */
  createEntity(entity: entities.NewEntity, options?: RequestOptions): Promise<Entity> {
    return entities.createEntity(this.#connection, entity, options);
  }

  /** Returns the collection that `entity/collection` names. */
  getCollection(ref: string, options?: RequestOptions): Promise<Collection> {
    return collections.getCollection(this.#connection, ref, options);
  }

  /**
   * Creates a collection. When one with this name exists, the library returns it or rejects with
   * `conflict`.
   */
  createCollection(
    collection: collections.NewCollection,
    options?: RequestOptions,
  ): Promise<Collection> {
    return collections.createCollection(this.#connection, collection, options);
  }

  /** Returns the container that `entity/collection/container` names. */
  getContainer(ref: string, options?: RequestOptions): Promise<Container> {
    return containers.getContainer(this.#connection, ref, options);
  }

  /**
   * Creates a container. When one with this name exists, the library returns it or rejects with
   * `conflict`.
   */
  createContainer(
    container: containers.NewContainer,
    options?: RequestOptions,
  ): Promise<Container> {
    return containers.createContainer(this.#connection, container, options);
  }

  /**
   * Returns the record of the image that `ref` names by tag, default `latest`, or by hash (Go:
   * `GetImage`).
   */
  getImage(ref: string | LibraryRef, options?: images.ImageOptions): Promise<Image> {
    return images.getImage(this.#connection, ref, options);
  }

  /**
   * Creates an image record, without bytes, or returns the one that the container has for this
   * hash.
   */
  createImage(image: images.NewImage, options?: RequestOptions): Promise<Image> {
    return images.createImage(this.#connection, image, options);
  }

  /** Deletes the image that `ref` names for this arch (Go: `DeleteImage`). */
  deleteImage(ref: string | LibraryRef, options: images.DeleteImageOptions): Promise<void> {
    return images.deleteImage(this.#connection, ref, options);
  }

  /**
   * Returns the readable contents of the image that `ref` names: labels, definition file, run
   * script, objects. Untrusted text. Also rejects with `not-found` when the library does not
   * support inspections, which are an extension.
   */
  getInspection(ref: string | LibraryRef, options?: images.ImageOptions): Promise<Inspection> {
    return getInspection(this.#connection, ref, options);
  }

  /**
   * Opens the image that `ref` names for reading without a pull: a byte source for `@sifshelf/sif`.
   * Close it when done. Its bytes are not checked against the image's hash.
   */
  openImage(ref: string | LibraryRef, options?: images.ImageOptions): Promise<OpenedImage> {
    return openImage(this.#connection, ref, options);
  }

  /**
   * Returns the arch-less tags of a container, as libraries before API version 2.0.0-alpha.2 keep
   * them.
   */
  getTags(containerId: string, options?: RequestOptions): Promise<TagMap> {
    return tags.getTags(this.#connection, containerId, options);
  }

  /** Sets arch-less tags, with one request each. */
  setTags(
    containerId: string,
    assignment: tags.TagAssignment,
    options?: RequestOptions,
  ): Promise<void> {
    return tags.setTags(this.#connection, containerId, assignment, options);
  }

  /** Returns the tags of a container by arch. */
  getArchTags(containerId: string, options?: RequestOptions): Promise<ArchTagMap> {
    return tags.getArchTags(this.#connection, containerId, options);
  }

  /**
   * Sets tags of one arch: all or none where the library supports it. Otherwise it makes one
   * request per tag, and the error's `tagsSet` names the tags set before a failure.
   */
  async setArchTags(
    containerId: string,
    assignment: tags.ArchTagAssignment,
    options: RequestOptions = {},
  ): Promise<void> {
    const { atomicTags } = await libraryFeatures(this.#version, options);
    const set = atomicTags ? tags.setTagsAtOnce : tags.setArchTags;
    await set(this.#connection, containerId, assignment, options);
  }

  /**
   * Returns what the library finds in one request (Go: `Search`). The value has at least 3
   * characters.
   */
  search(query: search.SearchQuery, options?: RequestOptions): Promise<search.SearchResults> {
    return search.search(this.#connection, query, options);
  }

  /**
   * Returns everything that the library finds, page by page. A library without pages returns one.
   */
  searchPages(
    query: search.SearchPagesQuery,
    options?: RequestOptions,
  ): AsyncGenerator<search.SearchResults, void, undefined> {
    return search.searchPages(this.#connection, query, options);
  }

  /**
   * Pushes an image to `entity/collection/container` (Go: `UploadImage`): creates what is missing,
   * sends the bytes unless the library has them, sets the tags. Reads the source once to hash it
   * and once to send it.
   */
  uploadImage(
    source: ByteSourceLike,
    path: string,
    options: push.UploadImageOptions,
  ): Promise<push.UploadedImage> {
    const library = { connection: this.#connection, version: this.#version };
    return push.uploadImage(library, { source, path, options });
  }

  /**
   * Returns the bytes of an image as one stream, which fails instead of closing when they are not
   * the ones that the library's record names (Go: `DownloadImage`). `path` has no tag; `tag` is an
   * option, default `latest`.
   */
  downloadImage(
    path: string,
    options?: pull.DownloadImageOptions,
  ): Promise<ReadableStream<Uint8Array>> {
    return pull.downloadImage(this.#connection, path, options);
  }

  /**
   * Writes an image to a sink, in parallel parts where the library allows it, and verifies it (Go:
   * `ConcurrentDownloadImage`). If this rejects, do not use what was written.
   */
  concurrentDownloadImage(
    sink: ByteSink,
    path: string,
    options?: pull.ConcurrentDownloadOptions,
  ): Promise<pull.DownloadedImage> {
    const library = { connection: this.#connection, version: this.#version };
    return pull.concurrentDownloadImage(library, { sink, path }, options);
  }
}
