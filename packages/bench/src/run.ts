import type { Bench } from "./bench.js"
import { costs } from "./costs.js"
import { interleave, type Pace, type SubjectResult } from "./interleave.js"
import type { Comparison, Limit, Sample, Scenario, Yardstick } from "./scenario.js"
import { pairedRatios, type Spread, spreadOf } from "./statistics.js"

export interface ScenarioResult {
  name: string
  title: string
  unit?: Scenario["unit"]
  subjects: SubjectResult[]
  comparisons: ComparisonResult[]
  limits: LimitResult[]
}

/** A ratio is missing where one of its sides was not measured. */
export type ComparisonResult = Comparison & { ratios: Partial<Record<Yardstick, Spread>> }

/** What the subject's cost was, and the other's, and their ratio; missing where it was not measured. */
export type LimitResult = Limit & { own?: Spread; other?: Spread; ratio?: Spread }

/** @throws when a subject does not start or fails a request: half a measurement is none */
export async function runScenario(
  bench: Bench,
  scenario: Scenario,
  pace: Pace,
  onSlot: (done: number, subject: string) => void,
): Promise<ScenarioResult> {
  const { name, title, unit, stretch = 1, comparisons, limits = [] } = scenario
  const stretched = { ...pace, seconds: pace.seconds * stretch }
  const subjects = await interleave(bench, scenario.subjects, stretched, onSlot)
  return {
    ...{ name, title, unit, subjects },
    comparisons: comparisons.map((each) => compare(each, subjects)),
    limits: limits.map((each) => hold(each, subjects)),
  }
}

export function compare(comparison: Comparison, subjects: readonly SubjectResult[]): ComparisonResult {
  const ratioBy = (yardstick: (sample: Sample) => number | undefined) => {
    const ours = samplesOf(comparison.subject, subjects).map(yardstick)
    const theirs = samplesOf(comparison.against, subjects).map(yardstick)
    return isKnown(ours) && isKnown(theirs) ? pairedRatios(ours, theirs) : undefined
  }
  const throughput = ratioBy(perSecond)
  const cpu = ratioBy(perCpuSecond)
  return { ...comparison, ratios: { ...(throughput && { throughput }), ...(cpu && { cpu }) } }
}

/** Reads what a limit speaks of. */
export function hold(limit: Limit, subjects: readonly SubjectResult[]): LimitResult {
  const valuesOf = (name: string) => {
    const values = samplesOf(name, subjects).map(costs[limit.by].of)
    return isKnown(values) ? values : undefined
  }
  const own = valuesOf(limit.subject)
  const other = limit.against === undefined ? undefined : valuesOf(limit.against)
  return {
    ...limit,
    ...(own && { own: spreadOf(own) }),
    ...(other && { other: spreadOf(other) }),
    ...(own && other && { ratio: pairedRatios(own, other) }),
  }
}

const samplesOf = (wanted: string, subjects: readonly SubjectResult[]) =>
  subjects.find(({ name }) => name === wanted)?.samples ?? []

export const perSecond = ({ count, seconds }: Sample): number => count / seconds

const perCpuSecond = ({ count, cpuMs }: Sample): number | undefined =>
  cpuMs === undefined || cpuMs === 0 ? undefined : (count / cpuMs) * 1000

const isKnown = (values: (number | undefined)[]): values is number[] =>
  values.length > 0 && !values.includes(undefined)
