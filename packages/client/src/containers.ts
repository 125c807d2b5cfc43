/** What a new container is made of. */
export interface NewContainer {
  readonly name: string;
  /** Id of the collection. */
  readonly collection: string;
  /** Default `No description`, as Go clients send it. */
  readonly description?: string | undefined;
  /** Default: as the collection says. `true` is an extension that other libraries may not honour. */
  readonly private?: boolean | undefined;
}
