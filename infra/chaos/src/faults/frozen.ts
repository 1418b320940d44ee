import { setTimeout as sleep } from "node:timers/promises"
import { type Fault, must, took } from "./fault.js"
import { gracefulStop } from "./graceful-stop.js"

const FROZEN_MS = 5_000
// The balancer knows by then, and whom it asks instead has so long to answer.
const SEEN_MS = 3_000
const ANSWER_MS = 1_000

export const frozen: Fault = {
  id: "R19",
  promise: "A process that stands still is left alone, and does nothing twice when it wakes",
  fault: "SIGSTOP for 5 s to a random process of any service, behind a balancer that asks /readyz",
  expected: "others serve within 3 s; what waited is answered when it wakes; no effect twice",
  // The same as R1.
  ...(gracefulStop.needs && { needs: gracefulStop.needs }),
  async inject(stage, rounds) {
    const waits: number[] = []
    let stuck = 0
    for (let round = 0; round < rounds * 2; round++) {
      const members = round % 2 === 0 ? stage.members("auth", "notifications") : stage.members("mail-worker")
      const victim = members[stage.random.below(members.length)]
      stage.log(`SIGSTOP ${victim?.name}`)
      const seen = stage.client.samples.length
      const froze = performance.now()
      await victim?.freeze(FROZEN_MS)
      const woke = performance.now()
      await sleep(1_000)
      const meanwhile = stage.client.samples.slice(seen)
      // A request that was with it waits; the one that came after the probes saw it does not.
      waits.push(Math.max(0, ...meanwhile.map(({ ms }) => ms)))
      stuck += meanwhile.filter(
        ({ startedAt, ms }) =>
          startedAt > froze + SEEN_MS && startedAt < woke - ANSWER_MS && startedAt + ms > woke,
      ).length
    }
    return [
      must(
        `${rounds * 2} processes stood still for ${FROZEN_MS / 1_000} s; ${stuck} later requests waited for one`,
        stuck === 0,
      ),
      took("the longest that anybody waited", waits),
    ]
  },
}
