/** The common option that takes a value; like the others it may also stand before the command's name. */
export const LIBRARY_FLAG = "--library";

/** Names a file of certificates to trust; like every common option that takes a value, it may stand before the command. */
export const CA_FILE_FLAG = "--ca-file";
