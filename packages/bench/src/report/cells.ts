import type { Spread } from "../statistics.js"

/** Rows of cells, the heading first. */
export type Table = string[][]

/** A cell with nothing in it. */
export const NONE = "–"

export const ratio = (value: number) => value.toFixed(value < 10 ? 2 : 1)

export const spread = (measured: Spread | undefined) =>
  measured ? `${ratio(measured.median)} (${ratio(measured.min)}–${ratio(measured.max)})` : NONE

export function rounded(value: number | undefined): string {
  if (value === undefined) return NONE
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

/** By the median; a goal that lies within the spread is said to be close. */
export function verdict(
  measured: Spread | undefined,
  { least, most }: { least?: number | undefined; most?: number | undefined },
): string {
  const goal = least ?? most
  if (goal === undefined) return NONE
  if (!measured) return "not measured"
  const isReached = (value: number) => (least === undefined ? value <= goal : value >= goal)
  const reached = isReached(measured.median) ? "yes" : "no"
  return isReached(measured.min) === isReached(measured.max) ? reached : `${reached}, close`
}
