/** The middle of some numbers, and how far they reach. */
export interface Spread {
  median: number
  min: number
  max: number
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const upper = sorted[Math.floor(middle)]
  const lower = sorted[Math.ceil(middle) - 1]
  if (upper === undefined || lower === undefined) throw new RangeError("there is no median of nothing")
  return (lower + upper) / 2
}

/** The smallest value that at least this share of all does not exceed (nearest rank). */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
  if (value === undefined) throw new RangeError("there is no percentile of nothing")
  return value
}

export const spreadOf = (values: readonly number[]): Spread => ({
  median: median(values),
  min: Math.min(...values),
  max: Math.max(...values),
})

/**
 * Divides round by round, so that what slows the machine for a while slows both sides of a pair.
 *
 * @param ours one value a round, as `theirs`
 */
export function pairedRatios(ours: readonly number[], theirs: readonly number[]): Spread {
  if (ours.length !== theirs.length) throw new RangeError("pairs need as many values on both sides")
  return spreadOf(ours.map((value, round) => value / (theirs[round] ?? Number.NaN)))
}
