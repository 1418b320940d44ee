import type { Fault } from "./faults/fault.js"
import { faults } from "./faults/index.js"
import { createRandom } from "./random.js"
import { byNumber } from "./report.js"
import { type Result, runFault } from "./run.js"
import { openStage } from "./stage.js"

/** Runs faults by their numbers; those that need the same are injected into one installation, one after the other. */
export async function runCampaign(
  order: { faults: readonly string[]; rounds: number; seed: number },
  log: (text: string) => void,
): Promise<Result[]> {
  const wanted = faults.filter(({ id }) => order.faults.includes(id))
  const results: Result[] = []
  for (const needs of new Set(wanted.map(needsOf))) {
    const group = wanted.filter((fault) => needsOf(fault) === needs)
    const stage = await openStage(JSON.parse(needs), createRandom(order.seed), (text) => log(`  ${text}`))
    try {
      for (const fault of group) {
        log(`${fault.id}: ${fault.promise}`)
        results.push(await runFault(stage, fault, order.rounds))
      }
    } finally {
      await stage.close()
    }
  }
  return results.toSorted((one, other) => byNumber(one.fault.id, other.fault.id))
}

const needsOf = ({ needs = {} }: Fault) => JSON.stringify(needs)
