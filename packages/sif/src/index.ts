// For users: reading.
export { SIF_ARCHES, UNKNOWN_ARCH } from "./arch.js";
export {
  blobByteSource,
  type ByteSource,
  ByteSourceError,
  type ByteSourceErrorCode,
  isByteSourceError,
  memoryByteSource,
  type ReadOptions,
} from "./byte-source.js";
export { dataTypeName, isKnownDataType, SifDataType } from "./data-type.js";
export { type SifDescriptor, type SifLink } from "./descriptor.js";
export {
  readSifDocuments,
  type SifAttributes,
  type SifDocumentProblem,
  type SifDocuments,
  type SifDocumentsOptions,
} from "./documents.js";
export { isDeterministic, type SifFacts, sifFacts, sifImageId } from "./facts.js";
export {
  isSifFormatError,
  type SifFault,
  SifFormatError,
  type SifFormatErrorCode,
} from "./format-error.js";
export { type SifHeader } from "./header.js";
export { type SifWarning, type SifWarningCode } from "./image-warnings.js";
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
} from "./metadata.js";
export { objectStream, readSmallObject } from "./object-data.js";
export { readSif, type SifImage } from "./read-sif.js";
export { dateFromSifTime, NO_TIME } from "./sif-time.js";
export { printableText } from "./text.js";

// For users: verifying.
export { type DsseVerifier, readPublicKeys } from "./integrity/dsse-key.js";
export {
  isSifIntegrityError,
  SifIntegrityError,
  type SifIntegrityErrorCode,
  type SifIntegrityFailure,
} from "./integrity/integrity-error.js";
export { isKeyError, KeyError, type KeyErrorCode } from "./integrity/key-error.js";
export { type PgpKeyring, type PgpSigner } from "./integrity/pgp-keyring.js";
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

// For users: writing and signing.
export { type DigestAlgorithm } from "./hash/digest-algorithm.js";
export { readSigningKey } from "./integrity/dsse-signer.js";
export { type SigningKeys, signSif, type SignSifOptions } from "./integrity/sign-sif.js";
export { type DsseSigner, type PgpSigningKey } from "./integrity/signing-key.js";
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
export { type WriteTimeOptions } from "./write/write-time.js";

// For users: OCI-SIF.
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

// For our other packages and for authors of byte sources.
export { archFromCode, archToCode } from "./arch.js";
export { assertRange } from "./byte-source.js";
export { type ClearSignedMessage } from "./integrity/clear-sign.js";
export {
  MAX_DESCRIPTORS,
  MAX_DOCUMENT_BYTES,
  MAX_ID,
  MAX_SIGNATURE_BYTES,
  MAX_SIGNATURES,
} from "./limits.js";
export { DATA_CHUNK_BYTES, readChunks } from "./object-data.js";
export { formatUuid, NIL_UUID, parseUuid } from "./uuid.js";
