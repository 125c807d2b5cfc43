/** Hands out turns, one at a time, in the order they were asked for. */
export interface Turns {
  /** Waits for a turn; the function it returns ends that turn. */
  take(): Promise<() => void>;
}

/** Turns of which nobody has taken one. */
export function createTurns(): Turns {
  let isTaken = false;
  const waiting: (() => void)[] = [];
  const end = () => {
    const next = waiting.shift();
    if (next === undefined) isTaken = false;
    else next();
  };
  return {
    async take() {
      if (isTaken) await new Promise<void>((resolve) => waiting.push(resolve));
      isTaken = true;
      return end;
    },
  };
}
