/** What a new entity is made of. */
export interface NewEntity {
  readonly name: string;
  /** Default `No description`, as Go clients send it. */
  readonly description?: string | undefined;
  /** Whether later collections of the entity start private; default false. */
  readonly defaultPrivate?: boolean | undefined;
}
