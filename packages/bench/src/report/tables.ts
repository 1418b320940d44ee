import { type ComparisonResult, perSecond, type ScenarioResult } from "../run.js"
import type { Sample } from "../scenario.js"
import { median } from "../statistics.js"
import { NONE, ratio, rounded, spread, type Table, verdict } from "./cells.js"

/** How we compare, and whether the goals of DESIGN.md section 5 are reached. */
export function comparisonTable(results: readonly ScenarioResult[]): Table {
  const rows = results.flatMap(({ comparisons }) => comparisons.map(comparisonRow))
  return [["what", "against", "by throughput", "by CPU", "goal", "reached"], ...rows]
}

function comparisonRow({ subject, against, by, reach, ratios }: ComparisonResult): string[] {
  const goal = reach === undefined ? NONE : `≥ ${ratio(reach)} by ${by === "cpu" ? "CPU" : "throughput"}`
  return [
    subject,
    against,
    spread(ratios.throughput),
    spread(ratios.cpu),
    goal,
    verdict(ratios[by], { least: reach }),
  ]
}

/** What each subject did: medians of its rounds. */
export function subjectTable(results: readonly ScenarioResult[]): Table {
  const rows = results.flatMap(({ title, unit, subjects }) =>
    (unit === undefined ? [] : subjects).map(({ name, samples }) => [
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

function medianOf(samples: readonly Sample[], value: (sample: Sample) => number | undefined) {
  const values = samples.map(value).filter((each) => each !== undefined)
  return values.length > 0 ? median(values) : undefined
}
