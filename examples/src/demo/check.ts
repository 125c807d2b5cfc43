/** A claim of the demo that turned out wrong. */
export class WrongClaim extends Error {
  constructor(claim: string) {
    super(`this is not so: ${claim}`);
    this.name = "WrongClaim";
  }
}

/** Throws {@link WrongClaim} unless what the demo claims is so. */
export function check(isSo: boolean, claim: string): asserts isSo {
  if (!isSo) throw new WrongClaim(claim);
}
