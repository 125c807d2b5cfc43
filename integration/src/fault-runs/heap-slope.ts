/** Size of the heap after a pull. */
export interface HeapSample {
  readonly pull: number;
  readonly heapBytes: number;
}

/** Growth of the heap in bytes per pull: the slope of the best-fitting line. */
export function heapSlope(samples: readonly HeapSample[]): number {
  const mean = (of: (sample: HeapSample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [pulls, bytes] = [mean(({ pull }) => pull), mean(({ heapBytes }) => heapBytes)];
  const covariance = mean(({ pull, heapBytes }) => (pull - pulls) * (heapBytes - bytes));
  const variance = mean(({ pull }) => (pull - pulls) ** 2);
  return variance === 0 ? 0 : covariance / variance;
}
