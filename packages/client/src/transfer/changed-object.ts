const CHANGED = Symbol("the object changed");

/** The same error, marked: bytes of two different objects were answered, which do not belong together. */
export function changedObject<E extends Error>(error: E): E {
  return Object.assign(error, { [CHANGED]: true });
}

/** Whether a transfer failed because its object was replaced meanwhile. */
export function isChangedObject(error: unknown): boolean {
  return error instanceof Error && CHANGED in error;
}
