import assert from "node:assert/strict"
import { createLimiter, type Limiter, type LimitName, Problem } from "@gatepost/http"
import { race, testRedis } from "@gatepost/testkit"
import { Redis } from "ioredis"

const open = (url: string) =>
  new Redis(url, { enableOfflineQueue: false, connectTimeout: 1_000, commandTimeout: 500 }).on(
    "error",
    () => {},
  )

const admitted = async (limiter: Limiter, limit: LimitName, ip: string): Promise<boolean> => {
  try {
    await limiter.admit(limit, ip)
    return true
  } catch (error) {
    assert.ok(error instanceof Problem)
    assert.equal(error.code, "request.too-many")
    assert.match(String(error.headers["Retry-After"]), /^[1-9]\d*$/)
    return false
  }
}

const count = (answers: boolean[]) => answers.filter(Boolean).length

describe("limits in Redis", () => {
  let clients: Redis[]
  let limiters: Limiter[]

  before(async function () {
    const url = await testRedis(this)
    clients = [open(url), open(url)]
    await Promise.all(clients.map((client) => new Promise((resolve) => client.once("ready", resolve))))
    limiters = clients.map((client) => createLimiter({ kind: "redis", client }))
  })
  after(() => clients?.forEach((client) => void client.disconnect()))

  let number = 0
  const newAddress = () => `203.0.113.${++number}`
  const limiter = (index = 0) => limiters[index % 2] as Limiter

  // check 39
  it("are shared by two processes, and hold against a burst", async () => {
    const ip = newAddress()
    const answers = await race(40, (index) => admitted(limiter(index), "sign-in", ip))
    assert.equal(count(answers), 20)
    assert.ok(await admitted(limiter(), "sign-in", newAddress()))
  })

  it("take back what was no failure, and so never stop who succeeds", async () => {
    const ip = newAddress()
    for (let attempt = 0; attempt < 50; attempt++) {
      assert.ok(await admitted(limiter(attempt), "sign-in", ip))
      await limiter(attempt).forgive("sign-in", ip)
    }
    for (let attempt = 0; attempt < 20; attempt++) await limiter().admit("sign-in", ip)
    assert.equal(await admitted(limiter(1), "sign-in", ip), false)
  })

  it("of failures alone count only those", async () => {
    const ip = newAddress()
    for (let attempt = 0; attempt < 60; attempt++) {
      assert.ok(await admitted(limiter(attempt), "refresh", ip))
      if (attempt < 59) await limiter(attempt).refused("refresh", ip)
    }
    assert.ok(await admitted(limiter(), "refresh", ip))
    await limiter(1).refused("refresh", ip)
    assert.equal(await admitted(limiter(), "refresh", ip), false)
  })

  it("take the addresses of one IPv6 network for one", async () => {
    const same = [
      ["2001:db8:a:b::1", "2001:db8:a:b:ffff::2", "2001:0DB8:A:b:1:2:3:4"],
      ["2001:db8::1", "2001:db8:0:0:5::1"],
    ]
    for (const [first = "", ...others] of same) {
      for (let attempt = 0; attempt < 20; attempt++) await limiter().admit("sign-in", first)
      for (const other of others) assert.equal(await admitted(limiter(), "sign-in", other), false, other)
    }
    assert.ok(await admitted(limiter(), "sign-in", "2001:db8:a:c::1"))
  })

  // check 44, R5: flood limits may be lost with Redis; nobody is locked out, and nothing is unlimited.
  it("go on in memory, with half the number, while Redis is away", async () => {
    const client = open("redis://127.0.0.1:1")
    const alone = createLimiter({ kind: "redis", client })
    const ip = newAddress()
    const answers: boolean[] = []
    for (let attempt = 0; attempt < 30; attempt++) answers.push(await admitted(alone, "sign-in", ip))
    assert.equal(count(answers), 10)
    client.disconnect()
  })
})
