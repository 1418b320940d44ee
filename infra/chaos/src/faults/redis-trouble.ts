import { setTimeout as sleep } from "node:timers/promises"
import { quantile } from "../statistics.js"
import { type Fault, must, took } from "./fault.js"
import { redisOf } from "./probes.js"

const BETWEEN_MS = 1_500
const PAUSE_MS = 5_000

export const redisTrouble: Fault = {
  id: "R5",
  promise: "Redis may go, come back empty, hang or be full: nobody notices",
  fault:
    "by turns: stopped for 3 s and started empty, FLUSHALL, CLIENT PAUSE of 5 s, maxmemory 1 MB for 5 s; with rate limits on",
  expected: "no request fails; mails are all delivered; p99 at most 100 ms more",
  needs: { settings: { RATE_LIMITS: "on" } },
  async inject(stage, rounds) {
    const redis = redisOf(stage)
    const deeds: Record<string, () => Promise<void>> = {
      async "comes back empty"() {
        await redis.stop()
        await sleep(3_000)
        await redis.start()
      },
      "is flushed": () => stage.site.flushRedis(),
      async hangs() {
        await redis.run((client) => client.call("CLIENT", "PAUSE", String(PAUSE_MS), "ALL"))
        await sleep(PAUSE_MS)
      },
      async "is full"() {
        await redis.run((client) => client.config("SET", "maxmemory", "1mb"))
        await sleep(PAUSE_MS)
        await redis.run((client) => client.config("SET", "maxmemory", "0"))
      },
    }
    const { samples } = stage.client
    const quiet = samples.map(({ ms }) => ms)
    const seen = samples.length
    let troubles = 0
    for (let round = 0; round < rounds; round++) {
      for (const [name, deed] of Object.entries(deeds)) {
        stage.log(`Redis ${name}`)
        await deed()
        troubles++
        await sleep(BETWEEN_MS * stage.random.next())
      }
    }
    const during = samples.slice(seen)
    const good = during.filter(({ verdict }) => verdict === "good").length
    return [
      must(`${troubles} troubles, ${good} of ${during.length} requests good`, good === during.length),
      took("p99 before", [quantile(quiet, 0.99)]),
      took("p99 meanwhile", [
        quantile(
          during.map(({ ms }) => ms),
          0.99,
        ),
      ]),
    ]
  },
}
