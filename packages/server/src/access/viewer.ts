/** What a viewer may do with the records of one owner; `writer` includes `reader`. */
export type Role = "reader" | "writer";

/** A party that looks at records, with everything that decides what it may see and change. */
export interface Viewer {
  /**
   * The role held on the records of every owner, as an admin has it; null: on none but `grants`.
   */
  readonly everywhere: Role | null;
  /** The roles held on the records of single owners, by the id of the owner. Empty if anonymous. */
  readonly grants: ReadonlyMap<string, Role>;
}

/** A viewer without a credential: sees what is public, changes nothing. */
export const ANYONE: Viewer = { everywhere: null, grants: new Map() };

/** A viewer who may see and change everything. */
export const EVERYTHING: Viewer = { everywhere: "writer", grants: new Map() };

/** Whether the viewer holds the role, or one that includes it, on the records of every owner. */
export function holdsEverywhere({ everywhere }: Viewer, role: Role): boolean {
  return everywhere !== null && includes(everywhere, role);
}

/** Whether the viewer holds the role, or one that includes it, on the records of that owner. */
export function holds(viewer: Viewer, role: Role, ownerId: string): boolean {
  if (holdsEverywhere(viewer, role)) return true;
  const granted = viewer.grants.get(ownerId);
  return granted !== undefined && includes(granted, role);
}

/** Ids of the owners on whose records the viewer was granted the role, or one that includes it. */
export function ownersGranting({ grants }: Viewer, role: Role): string[] {
  const owners: string[] = [];
  for (const [ownerId, granted] of grants) if (includes(granted, role)) owners.push(ownerId);
  return owners;
}

function includes(role: Role, wanted: Role): boolean {
  return role === wanted || role === "writer";
}
