/** The common option that takes a value; like the others it may also stand before the command's name. */
export const LIBRARY_FLAG = "--library";
