// Reading.
export { SIF_ARCHES, UNKNOWN_ARCH } from "./format/arch.js";
export {
  blobByteSource,
  type ByteSource,
  ByteSourceError,
  type ByteSourceErrorCode,
  isByteSourceError,
  memoryByteSource,
  type ReadOptions,
} from "./bytes/byte-source.js";
export { dataTypeName, isKnownDataType, SifDataType } from "./format/data-type.js";
export { type SifDescriptor, type SifLink } from "./format/descriptor.js";
export {
  readSifDocuments,
  type SifAttributes,
  type SifDocumentProblem,
  type SifDocuments,
  type SifDocumentsOptions,
} from "./format/documents.js";
export { isDeterministic, type SifFacts, sifFacts, sifImageId } from "./format/facts.js";
export {
  isSifFormatError,
  type SifFault,
  SifFormatError,
  type SifFormatErrorCode,
} from "./format/format-error.js";
export { type SifHeader } from "./format/header.js";
export { type SifWarning, type SifWarningCode } from "./format/image-warnings.js";
export {
  type SifCryptoMessageMetadata,
  SifFsType,
  SifHashType,
  type SifMetadata,
  type SifOciMetadata,
  type SifPartitionMetadata,
  SifPartType,
  type SifSbomMetadata,
  type SifSignatureMetadata,
} from "./format/metadata.js";
export { objectStream, readSmallObject } from "./format/object-data.js";
export { readSif, type SifImage } from "./format/read-sif.js";
export { dateFromSifTime, NO_TIME } from "./format/header.js";
export { printableText } from "./printable-text.js";

// Verifying.
export { type DsseVerifier, readPublicKeys } from "./keys/dsse-verifier.js";
export {
  isSifIntegrityError,
  SifIntegrityError,
  type SifIntegrityErrorCode,
  type SifIntegrityFailure,
} from "./integrity/integrity-error.js";
export { isKeyError, KeyError, type KeyErrorCode } from "./keys/key-error.js";
export { type PgpKeyring, type PgpSigner } from "./integrity/pgp-keys.js";
export {
  readSignatureObject,
  type SignatureEnvelope,
  type SignatureObject,
} from "./integrity/signature-object.js";
export { type SifSigner, type TrustedKeys } from "./integrity/verify-envelope.js";
export {
  type VerifiedSif,
  type VerifiedSignature,
  verifySif,
  type VerifySifOptions,
} from "./integrity/verify-sif.js";
export { type CertificateOptions, readCertificateKey } from "./x509/read-certificate.js";

// Writing and signing.
export { type DigestAlgorithm } from "./bytes/digest-algorithm.js";
export { readSigningKey } from "./keys/dsse-signer.js";
export { type SigningKeys, signSif, type SignSifOptions } from "./integrity/sign-sif.js";
export { type DsseSigner } from "./keys/dsse-signer.js";
export { type PgpSigningKey } from "./integrity/pgp-keys.js";
export { createSif, type CreateSifOptions, DEFAULT_CAPACITY } from "./write/create-sif.js";
export {
  addObject,
  deleteObjects,
  type DeleteObjectsOptions,
  type EditSifOptions,
  setObjectMetadata,
  setPrimaryPartition,
} from "./write/edit-sif.js";
export { type SifMetadataInput } from "./write/encode-metadata.js";
export { type SifObjectInput } from "./write/place-object.js";
export { type MemorySifStore, memorySifStore, type SifStore } from "./write/sif-store.js";
export { isSifWriteError, SifWriteError, type SifWriteErrorCode } from "./write/write-error.js";
export { type WriteTimeOptions } from "./write/image-draft.js";

// OCI-SIF.
export { checkOciBlobs, type OciBlobCheck } from "./oci/check-oci-blobs.js";
export { type OciLayoutFile, ociLayoutFiles } from "./oci/extract-oci.js";
export { type OciDescriptor, type OciManifest } from "./oci/oci-documents.js";
export { isOciSifError, OciSifError, type OciSifErrorCode } from "./oci/oci-error.js";
export {
  findOciBlob,
  type OciSif,
  type OciSifImage,
  readOciBlob,
  readOciSif,
} from "./oci/read-oci-sif.js";
export {
  type CosignVerified,
  verifyCosign,
  type VerifyCosignOptions,
} from "./oci/verify-cosign.js";

// For authors of byte sources, and limits and constants that programs need.
export { assertRange } from "./bytes/byte-source.js";
export { DATA_CHUNK_BYTES, readChunks } from "./bytes/read-chunks.js";
export { MAX_ID } from "./format/descriptor.js";
export { MAX_DOCUMENT_BYTES } from "./format/object-data.js";
export { NIL_UUID } from "./format/uuid.js";
export { type ClearSignedMessage } from "./integrity/clear-sign.js";
export { type DsseEnvelope, type DsseEntry } from "./integrity/dsse-envelope.js";
