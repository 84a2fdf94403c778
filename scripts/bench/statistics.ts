/** Medians, quartiles, and how certain a median is. */

/** A median, and the quartiles below and above it. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** The value below which this share of the numbers lies, interpolated. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [below = NaN, above = below] = sorted.slice(Math.floor(place));
  return below + (above - below) * (place - Math.floor(place));
}

export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5);
}

export function spread(numbers: readonly number[]): Spread {
  const [low = NaN, median = NaN, high = NaN] = [0.25, 0.5, 0.75]
    .map((share) => quantile(numbers, share));
  return { low, median, high };
}

/**
 * The interval that holds the true median with 95 % certainty, by the sign test, which assumes nothing
 * of the distribution; infinite if there are too few numbers.
 */
export function medianInterval(numbers: readonly number[]): readonly [low: number, high: number] {
  const sorted = numbers.toSorted((a, b) => a - b);
  let [left, chance, below] = [0, 0.5 ** sorted.length, 0];
  while (below + chance <= 0.025) {
    below += chance;
    chance *= (sorted.length - left) / (left + 1);
    left++;
  }
  return [sorted[left - 1] ?? -Infinity, sorted[sorted.length - left] ?? Infinity];
}
