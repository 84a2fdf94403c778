/**
 * Numbers about numbers.
 *
 * @module
 */

/** The middle of what was measured, and where the middle half of it lies. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** @returns The value below which the given share of the numbers lies, between two where it must. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [below = NaN, above = below] = sorted.slice(Math.floor(place));
  return below + (above - below) * (place - Math.floor(place));
}

/** @returns The median. */
export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5);
}

/** @returns Median and quartiles. */
export function spread(numbers: readonly number[]): Spread {
  return {
    median: median(numbers),
    low: quantile(numbers, 0.25),
    high: quantile(numbers, 0.75),
  };
}

/**
 * Where the median of what could have been measured lies, with 95 % certainty: by the sign test, which
 * asks nothing of how the numbers are spread.
 *
 * @returns The lower and the upper end, infinite where there are too few numbers.
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

/** @returns The slope of the straight line with the least squares through points. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (of: 0 | 1) => points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const [x0, y0] = [mean(0), mean(1)];
  const [above, below] = points.reduce(
    ([above, below], [x, y]) => [above + (x - x0) * (y - y0), below + (x - x0) ** 2],
    [0, 0],
  );
  return above / below;
}
