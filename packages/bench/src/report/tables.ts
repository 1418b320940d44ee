import { type ComparisonResult, perSecond, type ScenarioResult } from "../run.js"
import type { Sample } from "../scenario.js"
import { median, type Spread } from "../statistics.js"

/** Rows of cells, the heading first. */
export type Table = string[][]

const NONE = "–"

/** How we compare, and whether the goals of DESIGN.md section 5 are reached. */
export function comparisonTable(results: readonly ScenarioResult[]): Table {
  const rows = results.flatMap(({ comparisons }) => comparisons.map(comparisonRow))
  return [["what", "against", "by throughput", "by CPU", "goal", "reached"], ...rows]
}

function comparisonRow({ subject, against, by, reach, ratios }: ComparisonResult): string[] {
  const goal = reach === undefined ? NONE : `≥ ${ratio(reach)} by ${by === "cpu" ? "CPU" : "throughput"}`
  return [subject, against, spread(ratios.throughput), spread(ratios.cpu), goal, verdict(reach, ratios[by])]
}

/** What each subject did: medians of its rounds. */
export function subjectTable(results: readonly ScenarioResult[]): Table {
  const rows = results.flatMap(({ title, unit, subjects }) =>
    subjects.map(({ name, samples }) => [
      title,
      name,
      `${rounded(medianOf(samples, perSecond))} ${unit}/s`,
      rounded(medianOf(samples, ({ cpuMs, count }) => cpuMs && cpuMs / count)),
      rounded(medianOf(samples, ({ databaseCpuMs, count }) => databaseCpuMs && databaseCpuMs / count)),
      rounded(medianOf(samples, ({ p50Ms }) => p50Ms)),
      rounded(medianOf(samples, ({ p99Ms }) => p99Ms)),
    ]),
  )
  return [["scenario", "subject", "rate", "server CPU ms", "database CPU ms", "p50 ms", "p99 ms"], ...rows]
}

export function toMarkdown([heading = [], ...rows]: Table): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`
  return [line(heading), line(heading.map(() => "---")), ...rows.map(line)].join("\n")
}

export function toText(table: Table): string {
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd()
  return table.map(line).join("\n")
}

function medianOf(samples: readonly Sample[], value: (sample: Sample) => number | undefined) {
  const values = samples.map(value).filter((each) => each !== undefined)
  return values.length > 0 ? median(values) : undefined
}

/** By the median; a goal that lies within the spread is said to be close. */
function verdict(reach: number | undefined, measured: Spread | undefined): string {
  if (reach === undefined) return NONE
  if (!measured) return "not measured"
  const reached = measured.median >= reach ? "yes" : "no"
  return measured.min < reach && measured.max >= reach ? `${reached}, close` : reached
}

const spread = (measured: Spread | undefined) =>
  measured ? `${ratio(measured.median)} (${ratio(measured.min)}–${ratio(measured.max)})` : NONE

const ratio = (value: number) => value.toFixed(value < 10 ? 2 : 1)

function rounded(value: number | undefined): string {
  if (value === undefined) return NONE
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
