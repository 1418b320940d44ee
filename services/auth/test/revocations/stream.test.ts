import assert from "node:assert/strict"
import { startTcpProxy, until } from "@gatepost/testkit"
import { logOut, register } from "../support/people.js"
import { type AuthProcess, type Bundle, setup } from "../support/setup.js"
import { openStream, readAll, type Stream, sessionOf, tokenFor } from "./support/feed.js"

// More than one sign of life is apart.
const DEADLINE_MS = 15_000

describe("the stream of revocations", () => {
  let auth: Bundle
  let token: string
  // Open from the first test to the last, since a sign of life takes five seconds.
  let long: Stream

  before(async () => {
    auth = await setup()
    token = await tokenFor(auth)
    long = await openStream(auth, token)
  })
  after(async () => {
    long.close()
    await auth.stop()
  })

  const endSession = async (process: AuthProcess = auth) => {
    const { access_token } = await register(process)
    await logOut(process, access_token).expect(200)
    return sessionOf(access_token)
  }

  it("begins with all that counts, says so, and goes on with each as it happens", async () => {
    const before = [await endSession(), await endSession()]
    const stream = await openStream(auth, token)
    const ping = await stream.first("ping")
    assert.deepEqual(stream.sessions(), before)
    assert.match(String(stream.headers["content-type"]), /^text\/event-stream\b/)
    assert.equal(stream.headers["cache-control"], "no-store")

    const next = await endSession()
    await until("all three are told", () => stream.sessions().length === 3)
    assert.deepEqual(stream.sessions(), [...before, next])
    const items = await readAll(auth, token)
    const [first, second, third] = stream.events.filter(({ event }) => event === "revoked")
    assert.deepEqual(
      [first, second, third].map((event) => JSON.parse(event?.data ?? "")),
      items,
    )
    assert.deepEqual(
      [first, second, ping, third].map((event) => event?.id),
      [items[0]?.seq, items[1]?.seq, items[1]?.seq, items[2]?.seq].map(String),
    )
    stream.close()
  })

  it("goes on after the last event that was seen, under every prefix", async () => {
    const [one, two, three] = [await endSession(), await endSession(), await endSession()]
    const seqOf = async (id: string) =>
      String((await readAll(auth, token)).find(({ session_id }) => session_id === id)?.seq)
    for (const path of ["/v1/revocations", "/api/v1/revocations", "/revocations"]) {
      const resumed = await openStream(auth, token, { "Last-Event-ID": await seqOf(one) }, `${path}?after=0`)
      const asked = await openStream(auth, token, {}, `${path}?after=${await seqOf(two)}`)
      await Promise.all([resumed.first("ping"), asked.first("ping")])
      assert.deepEqual(resumed.sessions(), [two, three])
      assert.deepEqual(asked.sessions(), [three])
      resumed.close()
      asked.close()
    }
  })

  it("has more than one page", async () => {
    const db = auth.db
    await db.query(
      `insert into auth.revocations (session_id, account_id)
       select gen_random_uuid(), gen_random_uuid() from generate_series(1, 1234)`,
    )
    const stream = await openStream(auth, token)
    await stream.first("ping")
    const all = (await readAll(auth, token, 1000)).map(({ session_id }) => session_id)
    assert.ok(all.length > 1234)
    assert.deepEqual(stream.sessions(), all)
    stream.close()
    await db.query("delete from auth.revocations")
  })

  it("ends with the token that opened it", async () => {
    const brief = await auth.another({ ACCESS_TOKEN_TTL: "1" })
    const stream = await openStream(brief, await tokenFor(brief))
    assert.equal(stream.status, 200)
    await until("the stream has ended", stream.hasEnded, DEADLINE_MS)
    assert.match(String(stream.events.at(-1)?.retry), /^\d+$/)
  })

  it("ends at once when its process stops, which lets nobody wait", async () => {
    const leaving = await auth.another({ SHUTDOWN_DRAIN_SECONDS: "2" })
    const streams = await Promise.all(Array.from({ length: 3 }, () => openStream(leaving, token)))
    const stoppedAt = performance.now()
    const stopping = leaving.stop()
    await until("all streams have ended", () => streams.every((stream) => stream.hasEnded()))
    // While it drains, it takes nobody new.
    assert.equal((await openStream(leaving, token)).status, 503)
    const retries = streams.map((stream) => Number(stream.events.at(-1)?.retry))
    assert.ok(retries.every((retry) => retry >= 0 && retry <= 2_000))
    await stopping
    // The limit for requests under way is 20 s.
    assert.ok(performance.now() - stoppedAt < 10_000)
  })

  it("ends while the database is away, rather than to claim that nothing is revoked", async () => {
    const proxy = await startTcpProxy(auth.db.urlOf("gatepost_auth"))
    const cutOff = await auth.another({ DATABASE_URL: proxy.url })
    const stream = await openStream(cutOff, token)
    const ping = await stream.first("ping")
    proxy.cut()
    await until("the stream has ended", stream.hasEnded, DEADLINE_MS)
    assert.equal((await openStream(cutOff, token)).status, 503)
    const missed = await endSession()
    proxy.restore()
    const headers = { "Last-Event-ID": String(ping.id) }
    await until("what was missed is told", async () => {
      const again = await openStream(cutOff, token, headers)
      if (again.status !== 200) return false
      await again.first("ping")
      assert.ok(again.sessions().includes(missed))
      again.close()
      return true
    })
    await cutOff.stop()
    await proxy.close()
  })

  it("says that it lives, and where it is, every five seconds", async () => {
    await until(
      "a second ping",
      () => long.events.filter(({ event }) => event === "ping").length > 1,
      DEADLINE_MS,
    )
    const at = long.events.findLastIndex(({ event }) => event === "ping")
    const { id } = long.events[at - 1] ?? assert.fail()
    assert.deepEqual(long.events[at], { id, event: "ping", data: `{"seq":${id}}` })
    assert.ok(long.sessions().length > 1_234)
    assert.ok(!long.hasEnded())
  })
})
