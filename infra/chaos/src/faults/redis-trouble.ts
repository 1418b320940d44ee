import { setTimeout as sleep } from "node:timers/promises"
import { quantile } from "../statistics.js"
import { type Fault, must, took } from "./fault.js"
import { redisOf } from "./probes.js"

const BETWEEN_MS = 1_500
const PAUSE_MS = 5_000
const QUIET_MS = 8_000
// Whom it hangs with waits so long at most, and then everybody knows.
const ONSET_MS = 1_000
const ONSET_PROMISED_MS = 2_000
const MORE_MS = 100

export const redisTrouble: Fault = {
  id: "R5",
  promise: "Redis may go, come back empty, hang or be full: nobody notices",
  fault:
    "by turns: stopped for 3 s and started empty, FLUSHALL, CLIENT PAUSE of 5 s, maxmemory 1 MB for 5 s; with rate limits on",
  expected: "no request fails; mails are all delivered; p99 at most 100 ms more, but for the first second",
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
    const timesOf = (some: typeof samples) => some.map(({ ms }) => ms)
    const begun = samples.length
    await sleep(QUIET_MS)
    const quiet = timesOf(samples.slice(begun))
    const seen = samples.length
    const onsets: number[] = []
    for (let round = 0; round < rounds; round++) {
      for (const [name, deed] of Object.entries(deeds)) {
        stage.log(`Redis ${name}`)
        onsets.push(performance.now())
        await deed()
        await sleep(BETWEEN_MS * stage.random.next())
      }
    }
    const during = samples.slice(seen)
    const isOnset = (at: number) => onsets.some((onset) => at >= onset && at < onset + ONSET_MS)
    const later = timesOf(during.filter(({ startedAt }) => !isOnset(startedAt)))
    const onset = timesOf(during.filter(({ startedAt }) => isOnset(startedAt)))
    const before = quantile(quiet, 0.99)
    const good = during.filter(({ verdict }) => verdict === "good").length
    return [
      must(`${onsets.length} troubles, ${good} of ${during.length} requests good`, good === during.length),
      took("p99 before", [before]),
      took("longest within a second after one", [Math.max(...onset)], ONSET_PROMISED_MS),
      took("p99 of what began a second after each, or later", [quantile(later, 0.99)], before + MORE_MS),
    ]
  },
}
