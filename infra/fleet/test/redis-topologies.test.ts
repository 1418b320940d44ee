import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"
import { once } from "node:events"
import type { Socket } from "node:net"
import { lanes, queueName } from "@gatepost/contracts"
import { type RedisCluster, type SentinelRedis, startRedisCluster, startSentinel } from "@gatepost/fleet"
import { createLimiter } from "@gatepost/http"
import { createJobs, type Jobs } from "@gatepost/mail-queue"
import { createLogger } from "@gatepost/runtime"
import { openRedis, type RedisClient } from "@gatepost/runtime/redis"
import { ownRedis, pause, until } from "@gatepost/testkit"
import type { Redis } from "ioredis"

const SETTLE_MS = 60_000
// As the mail worker has them: a job whose holder lost its connection goes on within seconds.
const WORKER = { concurrency: 5, lockDuration: 4_000, stalledInterval: 1_000, runRetryDelay: 1_000 }

// As the relay does, too: an answer that does not come is one that has to be asked for again.
const unanswered = () => pause(2_000).then(() => Promise.reject(new Error("no answer")))

for (const kind of ["Redis with Sentinels", "Redis Cluster"] as const) {
  // R5
  describe(`a ${kind}`, function () {
    this.timeout(120_000)
    let redis: SentinelRedis | RedisCluster
    let limits: RedisClient
    let jobs: Jobs
    let queues: ReturnType<Jobs["queue"]>[]
    const done = new Map<string, number>()

    before(async () => {
      redis = kind === "Redis Cluster" ? await startRedisCluster() : await startSentinel()
      limits = openRedis(redis.url, "fail").on("error", () => {})
      jobs = createJobs({
        redisUrl: redis.url,
        databaseUrl: "postgres://unused",
        logger: createLogger("test", "silent"),
      })
      queues = lanes.map((lane) => jobs.queue(queueName(lane)))
      for (const lane of lanes) {
        jobs.worker<{ id: string }>(
          queueName(lane),
          async ({ data }) => void done.set(data.id, (done.get(data.id) ?? 0) + 1),
          WORKER,
        )
      }
    })
    after(async () => {
      await jobs?.close()
      limits?.disconnect()
      await redis?.stop()
    })

    const store = (id: string, index: number) =>
      (queues[index % lanes.length] as (typeof queues)[0]).add("mail", { id }, { jobId: id })
    /** As the relay does: again and again, by the same id, until it is stored. */
    const enqueue = async (count: number) => {
      const ids = Array.from({ length: count }, () => randomUUID())
      const stored = (id: string, index: number) => () =>
        Promise.race([store(id, index), unanswered()]).then(
          () => true,
          () => false,
        )
      await Promise.all(ids.map((id, index) => until(`job ${id} is stored`, stored(id, index), SETTLE_MS)))
      return ids
    }
    /** As the sweeper does: what a primary took with it before its replica had it is stored again, by the same id. */
    const untilDone = async (ids: string[]) => {
      const missing = () => ids.filter((id) => !done.has(id))
      for (
        const deadline = Date.now() + SETTLE_MS;
        missing().length > 0 && Date.now() < deadline;
        await pause(1_000)
      ) {
        await Promise.all(missing().map((id) => store(id, ids.indexOf(id)).catch(() => {})))
      }
      assert.deepEqual(missing(), [])
    }
    /** Of two processes, which share what they count. */
    const refusedOf = async (calls: number, key: string) => {
      const limiter = createLimiter({ kind: "redis", client: limits })
      let refused = 0
      for (let call = 0; call < calls; call++) await limiter.admit("send-mail", key).catch(() => refused++)
      return refused
    }

    it("carries the jobs of every lane, and counts for the limits", async () => {
      await untilDone(await enqueue(30))
      await until("the limits' connection is there", async () => limits.status === "ready", SETTLE_MS)
      assert.equal((await refusedOf(7, "198.51.100.1")) + (await refusedOf(7, "198.51.100.1")), 4)
    })

    it("goes on when its primary was killed, and so do the workers, the queues and the limits", async () => {
      const killed = redis.killPrimary()
      const during = enqueue(30)
      await killed
      if ("failedOver" in redis) await redis.failedOver()
      await untilDone(await during)
      await untilDone(await enqueue(30))
      const counted = () =>
        limits.incr(randomUUID()).then(
          () => true,
          () => false,
        )
      await until("limits count in Redis", counted, SETTLE_MS)
      // One call may have counted in memory, while a slot had no primary.
      assert.ok((await refusedOf(14, "198.51.100.2")) >= 3)
    })
  })
}

describe("a client of Sentinels", function () {
  this.timeout(60_000)

  it("connects again also where it hears of a failover while it looks for the primary", async () => {
    const redis = await startSentinel()
    const client = openRedis(redis.url, "fail").on("error", () => {}) as Redis
    const isReady = async () => client.status === "ready"
    try {
      await until("it is connected", isReady, SETTLE_MS)
      const { connector, stream } = client as unknown as {
        connector: { failoverDetector?: { disconnect(): void } }
        stream: Socket
      }
      await until("it listens to the Sentinels", async () => !!connector.failoverDetector, SETTLE_MS)
      const looking = once(client, "connecting")
      stream.destroy()
      await looking
      connector.failoverDetector?.disconnect()
      await until("it is connected again", isReady, SETTLE_MS)
      client.disconnect()
      await until("it ends when it is told to", async () => client.status === "end", SETTLE_MS)
    } finally {
      client.disconnect()
      await redis.stop()
    }
  })
})

describe("a Redis that is there, and answers nobody", function () {
  this.timeout(120_000)

  it("costs those who ask it at once half a second, and nobody after until it answers", async function () {
    const redis = await ownRedis(this)
    const client = openRedis(redis.url, "fail").on("error", () => {})
    const isThere = () =>
      client.get("a").then(
        () => true,
        () => false,
      )
    try {
      await until("it answers", isThere, SETTLE_MS)
      await redis.run((other) => other.call("CLIENT", "PAUSE", "4000", "ALL"))
      await assert.rejects(client.get("a"), /timed out/)
      await until("it is left", async () => client.status !== "ready", SETTLE_MS)
      for (let call = 0; call < 20; call++) await assert.rejects(client.get("a"), /isn't writeable/)
      await until("it answers again", isThere, SETTLE_MS)
    } finally {
      client.disconnect()
      await redis.stop()
    }
  })

  it("is left for the one that the Sentinels name", async () => {
    const redis = await startSentinel()
    const client = openRedis(redis.url, "fail").on("error", () => {})
    try {
      await until(
        "it answers",
        () =>
          client.ping().then(
            () => true,
            () => false,
          ),
        SETTLE_MS,
      )
      await redis.freezePrimary()
      await redis.failedOver()
      await until(
        "the other one answers",
        () =>
          client.set("a", 1).then(
            () => true,
            () => false,
          ),
        SETTLE_MS,
      )
    } finally {
      client.disconnect()
      await redis.stop()
    }
  })
})
