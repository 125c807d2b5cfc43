/** What a new collection is made of. */
export interface NewCollection {
  readonly name: string;
  /** Id of the entity. */
  readonly entity: string;
  /** Default `No description`, as Go clients send it. */
  readonly description?: string | undefined;
  /** Default: as the entity says. `true` is an extension that other libraries may not honour. */
  readonly private?: boolean | undefined;
}
