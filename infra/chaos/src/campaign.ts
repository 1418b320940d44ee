import type { Fault } from "./faults/fault.js"
import { faults } from "./faults/index.js"
import { createRandom } from "./random.js"
import { type Result, runFault } from "./run.js"
import { openStage } from "./stage.js"

/**
 * Runs faults by their numbers; those that need the same are injected into one installation, one after the other.
 *
 * @param onResult told of each when it is over
 * @returns why some could not be run to their end, where that is so
 */
export async function runCampaign(
  order: { faults: readonly string[]; rounds: number; seed: number },
  log: (text: string) => void,
  onResult: (result: Result) => void,
): Promise<string[]> {
  const wanted = faults.filter(({ id }) => order.faults.includes(id))
  const failures: string[] = []
  for (const needs of new Set(wanted.map(needsOf))) {
    const group = wanted.filter((fault) => needsOf(fault) === needs)
    await runGroup(group).catch((cause: Error) => {
      failures.push(`${group.map(({ id }) => id).join(", ")}: ${cause.message}`)
    })
  }
  return failures

  async function runGroup(group: readonly Fault[]): Promise<void> {
    const random = createRandom(order.seed)
    const stage = await openStage(group[0]?.needs ?? {}, random, (text) => log(`  ${text}`))
    try {
      for (const fault of group) {
        log(`${fault.id}: ${fault.promise}`)
        onResult(await runFault(stage, fault, order.rounds))
      }
    } finally {
      await stage.close()
    }
  }
}

const needsOf = ({ needs = {} }: Fault) => JSON.stringify(needs)
