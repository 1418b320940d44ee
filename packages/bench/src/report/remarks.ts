import type { SubjectResult } from "../interleave.js"
import type { ScenarioResult } from "../run.js"
import { median } from "../statistics.js"
import { rounded } from "./cells.js"

// Above this share of a core the generator may have been what was measured.
const BUSY = 0.9

/** Sentences that belong to the figures of this run. */
export function remarks(scenarios: readonly ScenarioResult[]): string[] {
  const subjects = scenarios.flatMap((scenario) => scenario.subjects)
  const signIns = subjects.flatMap(signInsBeside)
  const busy = subjects.filter(({ samples }) => samples.some(({ generatorBusy = 0 }) => generatorBusy > BUSY))
  return [
    ...sentence("Sign-ins that succeeded meanwhile, a second", signIns),
    ...sentence(
      "The load generator used a whole core with",
      busy.map(({ name }) => name),
    ),
  ]
}

function signInsBeside({ name, samples }: SubjectResult): string[] {
  const rates = samples.map(({ signInsPerSecond }) => signInsPerSecond).filter((rate) => rate !== undefined)
  return rates.length > 0 ? [`${name} ${rounded(median(rates))}`] : []
}

const sentence = (start: string, parts: string[]) =>
  parts.length > 0 ? [`${start}: ${parts.join(", ")}.`] : []
