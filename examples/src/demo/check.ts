/** A claim of the demo that is wrong. */
export class WrongClaim extends Error {
  constructor(claim: string) {
    super(`claim does not hold: ${claim}`);
    this.name = "WrongClaim";
  }
}

/** Throws {@link WrongClaim} if a claim of the demo does not hold. */
export function check(isSo: boolean, claim: string): asserts isSo {
  if (!isSo) throw new WrongClaim(claim);
}
