import { costs } from "../costs.js"
import type { LimitResult, ScenarioResult } from "../run.js"
import type { Spread } from "../statistics.js"
import { NONE, rounded, spread, type Table, verdict } from "./cells.js"

/** What should be small, by itself or as a multiple of another's. */
export function limitTable(results: readonly ScenarioResult[]): Table {
  const rows = results.flatMap(({ title, limits }) => limits.map((limit) => limitRow(title, limit)))
  return [["scenario", "what", "cost", "value", "against", "its value", "ratio", "goal", "reached"], ...rows]
}

function limitRow(title: string, { subject, by, against, most, own, other, ratio }: LimitResult): string[] {
  const { unit } = costs[by]
  const isRelative = against !== undefined
  return [
    ...[title, subject, by, value(own, unit)],
    ...[against ?? NONE, value(other, unit), spread(ratio)],
    goal(most, isRelative ? "×" : ` ${unit}`),
    verdict(isRelative ? ratio : own, { most }),
  ]
}

const value = (measured: Spread | undefined, unit: string) =>
  measured ? `${rounded(measured.median)} ${unit} (${rounded(measured.min)}–${rounded(measured.max)})` : NONE

const goal = (most: number | undefined, unit: string) =>
  most === undefined ? NONE : `≤ ${rounded(most)}${unit}`
