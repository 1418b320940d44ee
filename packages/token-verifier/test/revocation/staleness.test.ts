import assert from "node:assert/strict"
import { type Followed, setupFollowed } from "../support/feed.js"
import { stopServers } from "../support/setup.js"

const SESSION = "0198c1a2-0000-7000-8000-000000000011"

describe("a feed that is away", () => {
  const apis: Followed[] = []
  const start = async (...options: Parameters<typeof setupFollowed>) => {
    const api = await setupFollowed(...options)
    apis.push(api)
    return api
  }
  // Eight seconds pass in earnest before a verifier gives a silent connection up.
  let silent: Followed
  before(async () => {
    silent = await setupFollowed()
    const feed = await silent.feed.follower(1)
    feed.ping(5)
  })
  afterEach(() => {
    for (const api of apis.splice(0)) api.verifier.close()
  })
  after(() => {
    silent.verifier.close()
    stopServers()
  })

  it("is an alarm, once a minute, and no reason to refuse, unless it was asked to be", async () => {
    const alarms: [number, string | undefined][] = []
    const api = await start({ onStale: (seconds, cause) => void alarms.push([seconds, cause?.message]) })
    const feed = await api.feed.follower(1)
    feed.revoke(1, SESSION)
    feed.ping(1)
    await api.untilAnswered(api.tokenOf(SESSION), 401)
    api.feed.answer = (_, response) => void response.writeHead(500).end()
    feed.response.destroy()
    api.clock.advance(29)
    await api.get(api.userToken()).expect(200)
    assert.deepEqual(alarms, [])
    await new Promise((resolve) => setTimeout(resolve, 700))
    for (const seconds of [2, 28, 28, 10]) {
      api.clock.advance(seconds)
      await api.get(api.userToken()).expect(200)
    }
    const cause = "the revocation feed answered 500 "
    assert.deepEqual(alarms, [
      [31, cause],
      [97, cause],
    ])
    assert.equal(await api.verifier.ready(), true)
    // What it knew, it knows.
    await api.get(api.tokenOf(SESSION)).expect(401)
  })

  it("means 503 to who asked for that, from the start until all is known", async () => {
    const api = await start({ whenStale: "closed" })
    const token = api.tokenOf(SESSION)
    const feed = await api.feed.follower(1)
    assert.equal(await api.verifier.ready(), false)
    const { body, headers } = await api.get(token).expect(503)
    assert.deepEqual([body.code, headers["retry-after"]], ["revocations_unavailable", "2"])
    assert.equal(headers["www-authenticate"], undefined)
    await api.get(api.serviceToken()).expect(200)
    feed.revoke(1, SESSION)
    await api.untilAnswered(token, 401)
    await api.get(api.userToken()).expect(503)
    feed.ping(1)
    await api.untilAnswered(api.userToken(), 200)
    assert.equal(await api.verifier.ready(), true)
  })

  it("and comes back is believed only when all is known again", async () => {
    const api = await start({ whenStale: "closed", maxStalenessSeconds: 10 })
    const token = api.tokenOf(SESSION)
    const first = await api.feed.follower(1)
    first.ping(1)
    await api.untilAnswered(token, 200)
    first.response.destroy()
    api.clock.advance(11)
    await api.get(token).expect(503)
    assert.equal(await api.verifier.ready(), false)
    const second = await api.feed.follower(2)
    await api.get(token).expect(503)
    second.revoke(2, SESSION)
    second.ping(2)
    await api.untilAnswered(api.userToken(), 200)
    await api.get(token).expect(401)
  })

  it("is not believed after this process has stood still, on the same connection", async () => {
    const api = await start({ whenStale: "closed" })
    const first = await api.feed.follower(1)
    first.ping(1)
    await api.untilAnswered(api.userToken(), 200)
    api.clock.advance(600)
    first.ping(1)
    const second = await api.feed.follower(2)
    await api.get(api.userToken()).expect(503)
    second.ping(1)
    await api.untilAnswered(api.userToken(), 200)
  })

  it("cannot hide behind a clock that was set back", async () => {
    const api = await start({ whenStale: "closed" })
    const feed = await api.feed.follower(1)
    feed.ping(1)
    await api.untilAnswered(api.userToken(), 200)
    api.clock.advance(-1)
    await api.get(api.userToken()).expect(200)
    api.clock.advance(-3600)
    await api.get(api.userToken()).expect(503)
  })

  it("without a word is given up, for another connection", async function () {
    this.timeout(20_000)
    const next = await silent.feed.follower(2)
    assert.equal(next.headers["last-event-id"], "5")
  })
})
