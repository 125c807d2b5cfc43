// An image is what its builder made it, so all that is read of it or kept has a limit. Together
// they keep a whole inspection, with every character escaped in six, below the 4 MiB that a client
// reads of one reply.

/**
 * Largest definition file or JSON document that is read, in bytes. The JSON holds scripts and
 * labels beside each other; real ones have kilobytes.
 */
export const MAX_DOCUMENT_BYTES = 512 * 1024;

/**
 * Longest definition file that is kept, in UTF-16 code units. One with whole files in it has tens
 * of kilobytes.
 */
export const MAX_DEFFILE_LENGTH = 256 * 1024;

/** Longest run script that is kept, in UTF-16 code units. */
export const MAX_RUNSCRIPT_LENGTH = 64 * 1024;

/** Most labels that are kept. Images that inherit those of their base images have dozens. */
export const MAX_LABELS = 256;

/** Longest key of a label that is kept, in UTF-16 code units. */
export const MAX_LABEL_KEY_LENGTH = 256;

/**
 * Most text of all labels, keys and values, in UTF-16 code units. Some builders keep JSON of 20 KB
 * in one label.
 */
export const MAX_LABELS_LENGTH = 64 * 1024;

/** Most objects that are listed. Images have fewer than 48, unless they were made to have more. */
export const MAX_OBJECTS = 512;

/**
 * Time allowed for one inspection, in milliseconds. It reads a few ranges; only a disk that hangs
 * takes so long.
 */
export const INSPECTION_TIMEOUT_MS = 30_000;
