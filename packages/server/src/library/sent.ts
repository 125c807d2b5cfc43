/**
 * A model to send. Its optional fields may be undefined, which JSON leaves out: a literal with
 * undefined fields is made several times as fast as one that spreads conditional parts.
 */
export type Sent<Model> = Model extends readonly (infer Item)[]
  ? readonly Sent<Item>[]
  : Model extends object
    ? {
        readonly [Key in keyof Model]: Partial<Pick<Model, Key>> extends Pick<Model, Key>
          ? Sent<Model[Key]> | undefined
          : Sent<Model[Key]>;
      }
    : Model;
