// For users.
export * from "./api-version.js";
export * from "./arch.js";
export * from "./base-model.js";
export * from "./blob.js";
export * from "./collection.js";
export * from "./container.js";
export * from "./digest.js";
export * from "./entity.js";
export * from "./error-codes.js";
export * from "./error-response.js";
export * from "./expand-ref.js";
export * from "./identity.js";
export * from "./image-hash.js";
export * from "./image.js";
export * from "./inspection.js";
export * from "./library-path.js";
export * from "./library-ref.js";
export * from "./library-uri.js";
export * from "./name.js";
export * from "./part-digests.js";
export * from "./part-sum.js";
export * from "./parse-library-ref.js";
export * from "./ref-error.js";
export * from "./search.js";
export * from "./tag-name.js";
export * from "./tag.js";
export * from "./upload.js";
export * from "./version.js";

// For our other packages.
export * from "./bare-etag.js";
export * from "./decode.js";
export * from "./json-schema.js";
export * from "./limits.js";
export * from "./routes.js";
export * from "./schema.js";
export * from "./wire-error.js";
