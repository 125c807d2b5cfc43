/** Tags to set on an image, replacing what they named before. */
export interface TagAssignment {
  readonly imageId: string;
  readonly tags: readonly string[];
}

/** Tags to set on an image for one arch. */
export interface ArchTagAssignment extends TagAssignment {
  readonly arch: string;
}
