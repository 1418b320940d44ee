import { setTimeout as sleep } from "node:timers/promises"
import { type Fault, must, took } from "./fault.js"
import { gracefulStop } from "./graceful-stop.js"

const FROZEN_MS = 5_000

export const frozen: Fault = {
  id: "R19",
  promise: "A process that stands still is left alone, and does nothing twice when it wakes",
  fault: "SIGSTOP for 5 s to a random process of any service, behind a balancer that asks /readyz",
  expected: "others serve within 3 s; what waited is answered when it wakes; no effect twice",
  // The same as R1.
  ...(gracefulStop.needs && { needs: gracefulStop.needs }),
  async inject(stage, rounds) {
    const waits: number[] = []
    for (let round = 0; round < rounds * 2; round++) {
      const members = round % 2 === 0 ? stage.members("auth", "notifications") : stage.members("mail-worker")
      const victim = members[stage.random.below(members.length)]
      stage.log(`SIGSTOP ${victim?.name}`)
      const seen = stage.client.samples.length
      await victim?.freeze(FROZEN_MS)
      await sleep(1_000)
      // A request that was with it waits; the one that came after the probes saw it does not.
      waits.push(Math.max(0, ...stage.client.samples.slice(seen).map(({ ms }) => ms)))
    }
    return [
      must(`${rounds * 2} processes stood still for ${FROZEN_MS / 1_000} s`, true),
      took("the longest that anybody waited", waits),
    ]
  },
}
