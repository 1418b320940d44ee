import { setTimeout as sleep } from "node:timers/promises"
import { createClient } from "../load/client.js"
import { quantile } from "../statistics.js"
import { type Fault, must, took } from "./fault.js"

const FLOOD_MS = 8_000
const IN_FLIGHT = 200
const FELT_MS = 5_000
const ANSWERED_MS = 3_000
const SHED_MS = 3_000

export const overload: Fault = {
  id: "R18",
  promise: "Too many sign-ins are shed, not queued, and refreshes go on",
  fault: "200 sign-ins in flight for 8 s, with the password hashing of production, beside the load",
  expected:
    "sign-ins: what the processor can, else 503 with Retry-After, none above 3 s; refreshes at least 99.9 % good",
  needs: { settings: { ARGON2_MEMORY_KIB: "19456", ARGON2_PASSES: "2" } },
  async inject(stage, rounds) {
    const flood = createClient((path) => stage.fleet.url + path, IN_FLIGHT)
    const [victim] = stage.load.people
    const seen = stage.client.samples.length
    for (let round = 0; round < rounds; round++) {
      // The load's own sign-ins are told to come again as well.
      await stage.during(["unavailable"], FELT_MS, async () => {
        const end = Date.now() + FLOOD_MS
        const json = { email: victim?.email, password: "not the password at all" }
        await Promise.all(
          Array.from({ length: IN_FLIGHT }, async () => {
            while (Date.now() < end) {
              await flood.call({ op: "flood", path: "/v1/auth/login", expect: [401], json })
              await sleep(50)
            }
          }),
        )
      })
    }
    flood.close()
    const answered = flood.samples.filter(({ verdict }) => verdict === "good")
    const shed = flood.samples.filter(({ verdict }) => verdict === "unavailable")
    const others = flood.samples.length - answered.length - shed.length
    const refreshes = stage.client.samples.slice(seen).filter(({ op }) => op === "refresh")
    const good = refreshes.filter(({ verdict }) => verdict === "good")
    return [
      must(`${answered.length} sign-ins answered, ${shed.length} shed, ${others} neither`, others === 0),
      must(`${good.length} of ${refreshes.length} refreshes good`, good.length >= refreshes.length * 0.999),
      took(
        "a shed one is told so after",
        shed.map(({ ms }) => ms),
        SHED_MS,
      ),
      took(
        "an answered one takes",
        answered.map(({ ms }) => ms),
        ANSWERED_MS,
      ),
      took("p99 of refresh meanwhile", [
        quantile(
          refreshes.map(({ ms }) => ms),
          0.99,
        ),
      ]),
    ]
  },
}
