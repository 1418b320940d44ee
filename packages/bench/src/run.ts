import type { Bench } from "./bench.js"
import { interleave, type Pace, type SubjectResult } from "./interleave.js"
import type { Comparison, Sample, Scenario, Yardstick } from "./scenario.js"
import { pairedRatios, type Spread } from "./statistics.js"

export interface ScenarioResult {
  name: string
  title: string
  unit: Scenario["unit"]
  subjects: SubjectResult[]
  comparisons: ComparisonResult[]
}

/** A ratio is missing where one of its sides was not measured. */
export type ComparisonResult = Comparison & { ratios: Partial<Record<Yardstick, Spread>> }

/** @throws when a subject does not start or fails a request: half a measurement is none */
export async function runScenario(
  bench: Bench,
  scenario: Scenario,
  pace: Pace,
  onSlot: (done: number, subject: string) => void,
): Promise<ScenarioResult> {
  const { name, title, unit, comparisons } = scenario
  const subjects = await interleave(bench, scenario.subjects, pace, onSlot)
  return { name, title, unit, subjects, comparisons: comparisons.map((each) => compare(each, subjects)) }
}

export function compare(comparison: Comparison, subjects: readonly SubjectResult[]): ComparisonResult {
  const samplesOf = (wanted: string) => subjects.find(({ name }) => name === wanted)?.samples ?? []
  const ratioBy = (yardstick: (sample: Sample) => number | undefined) => {
    const ours = samplesOf(comparison.subject).map(yardstick)
    const theirs = samplesOf(comparison.against).map(yardstick)
    return isKnown(ours) && isKnown(theirs) ? pairedRatios(ours, theirs) : undefined
  }
  const throughput = ratioBy(perSecond)
  const cpu = ratioBy(perCpuSecond)
  return { ...comparison, ratios: { ...(throughput && { throughput }), ...(cpu && { cpu }) } }
}

export const perSecond = ({ count, seconds }: Sample): number => count / seconds

const perCpuSecond = ({ count, cpuMs }: Sample): number | undefined =>
  cpuMs === undefined || cpuMs === 0 ? undefined : (count / cpuMs) * 1000

const isKnown = (values: (number | undefined)[]): values is number[] =>
  values.length > 0 && !values.includes(undefined)
