import { setTimeout as sleep } from "node:timers/promises"
import { type Fault, must, took } from "./fault.js"

const BETWEEN_MS = 2_000
const KILLS = 5
const FELT_MS = 500
const RECOVERY_MS = 3_000

export const kill: Fault = {
  id: "R6",
  promise: "Any process may die at any time",
  fault:
    "SIGKILL to a random process of any service every 2 s, five to a round; a new one is started in its place",
  expected: "nothing acknowledged lost, nothing done by half, recovery within 3 s, the audit chain verifies",
  async inject(stage, rounds) {
    const recoveries: number[] = []
    for (let kills = 0; kills < rounds * KILLS; kills++) {
      const members = stage.members()
      const victim = members[stage.random.below(members.length)]
      if (!victim) throw new Error("there is nobody to kill")
      await sleep(BETWEEN_MS * stage.random.next())
      stage.log(`SIGKILL ${victim.name}`)
      const killed = performance.now()
      // nginx answers for the dead: 503, come again.
      await stage.during(["unavailable"], FELT_MS, () => victim.kill())
      recoveries.push(performance.now() - killed)
    }
    return [
      must(`${recoveries.length} kills`, recoveries.length > 0),
      took("ready again after", recoveries, RECOVERY_MS),
    ]
  },
}
