import assert from "node:assert/strict"
import { setTimeout as sleep } from "node:timers/promises"
import { ownRedis } from "@gatepost/testkit"
import { type PostOffice, setup, until } from "./support/setup.js"

type OwnRedis = Awaited<ReturnType<typeof ownRedis>>

describe("mails on their way, while Redis", function () {
  this.timeout(60_000)
  let redis: OwnRedis
  let office: PostOffice

  beforeEach(async function () {
    redis = await ownRedis(this)
    office = await setup(this, "postgres")
    for (const _ of "12") await office.work({ REDIS_URL: redis.url })
  })
  afterEach(async () => {
    await office?.close()
    await redis?.stop()
  })

  /** Mails that keep coming while something happens: each must arrive, and once. */
  const meanwhile = async (fault: () => Promise<void>) => {
    const ids: string[] = []
    const post = async (count: number) => {
      for (let sent = 0; sent < count; sent++) {
        ids.push(await office.enqueue({ recipient: `number-${ids.length}@example.com` }))
        await sleep(10)
      }
    }
    await post(30)
    await Promise.all([fault(), post(60)])
    await post(10)
    await until(async () => (await open(office)) === 0, "all are sent", 40_000)
    const arrived = office.sink.rcpts().sort()
    assert.deepEqual(arrived, ids.map((_, number) => `number-${number}@example.com`).sort())
  }

  it("is flushed again and again", () =>
    meanwhile(async () => {
      for (let count = 0; count < 5; count++) {
        await redis.run((client) => client.flushall())
        await sleep(150)
      }
    }))

  it("is away for a while and comes back empty", () =>
    meanwhile(async () => {
      await redis.stop()
      await sleep(1_500)
      await redis.start()
    }))

  it("hangs", () =>
    meanwhile(async () => {
      await redis.run((client) => client.call("CLIENT", "PAUSE", "3000", "ALL"))
    }))

  it("has no memory left", () =>
    meanwhile(async () => {
      await redis.run((client) => client.config("SET", "maxmemory", "1"))
      await sleep(1_500)
      await redis.run((client) => client.config("SET", "maxmemory", "0"))
    }))

  it("throws away what it likes", () =>
    meanwhile(async () => {
      await redis.run(async (client) => {
        await client.config("SET", "maxmemory-policy", "allkeys-random")
        const used = /used_memory:(\d+)/.exec(await client.info("memory"))?.[1]
        await client.config("SET", "maxmemory", String(Number(used) - 20_000))
        await sleep(1_000)
        await client.config("SET", "maxmemory", "0")
      })
    }))
})

async function open(office: PostOffice): Promise<number> {
  const rows = await office.query<{ count: string }>(
    "select count(*) as count from mail.messages where state <> 'sent'",
  )
  return Number(rows[0]?.count)
}
