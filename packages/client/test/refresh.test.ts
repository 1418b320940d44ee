import assert from "node:assert/strict"
import { ApiError, NetworkError, SignedOutError } from "#src/index.js"
import {
  badGateway,
  captivePortal,
  clear,
  offline,
  portalRedirect,
  refusing,
  type Weather,
} from "./support/network.js"
import { slowStorage } from "./support/slow-storage.js"
import { createWorld, MINUTE } from "./support/world.js"

const REFRESH = "/v1/auth/refresh"
const ME = "/v1/auth/me"

describe("refresh", () => {
  it("happens once for 16 parallel calls with a token that is over", async () => {
    const { time, network, ...world } = createWorld()
    const tab = await world.signedIn({ hasLocks: false })
    await time.advance(31 * MINUTE)
    const users = await time.until(Promise.all(Array.from({ length: 16 }, () => tab.me())))
    assert.equal(users.length, 16)
    assert.equal(network.sentTo(REFRESH).length, 1)
    assert.equal(network.sentTo(ME).length, 16)
  })

  it("happens once when 16 parallel calls are refused, whenever their answers come", async () => {
    const { time, network, ...world } = createWorld()
    await world.signedIn()
    await time.advance(31 * MINUTE)
    const reopened = world.tab()
    let calls = 0
    network.weather = ({ path }) => ({ kind: "clear", latencyMs: path === ME ? 200 * ++calls : 50 })
    await time.until(Promise.all(Array.from({ length: 16 }, () => reopened.me())))
    assert.equal(network.sentTo(REFRESH).length, 1)
  })

  it("comes shortly before the end of the access token, and not before that", async () => {
    const { time, network, ...world } = createWorld()
    const tab = await world.signedIn()
    await time.advance(29 * MINUTE + 29_000)
    await time.until(tab.me())
    assert.equal(network.sentTo(REFRESH).length, 0)
    await time.advance(2_000)
    await time.until(tab.me())
    assert.equal(network.sentTo(REFRESH).length, 1)
    assert.equal(network.sentTo(ME).length, 2)
    await time.advance(29 * MINUTE + 31_000)
    await time.until(tab.me())
    assert.equal(network.sentTo(REFRESH).length, 2)
    assert.equal(network.sentTo(ME).length, 3)
  })

  it("uses the old access token while it lives, if a new one can't be had", async () => {
    const { time, network, ...world } = createWorld()
    const tab = await world.signedIn()
    await time.advance(29 * MINUTE + 35_000)
    network.weather = ({ path }) => (path === REFRESH ? badGateway : clear)
    const user = await time.until(tab.me())
    assert.equal(user.email, "ada@example.com")
  })

  it("sends a lost refresh again with the same token, after growing pauses", async () => {
    const { time, network, server, ...world } = createWorld()
    const tab = await world.signedIn()
    const first = tab.stored()
    await time.advance(31 * MINUTE)
    let failures = 5
    network.weather = ({ path }) => (path === REFRESH && failures-- > 0 ? { kind: "lost-after" } : clear)
    await time.until(tab.me())

    const attempts = network.sentTo(REFRESH)
    assert.deepEqual(new Set(attempts.map(({ json }) => json.refresh_token)), new Set([first]))
    assert.equal(attempts.length, 6)
    const pauses = attempts.slice(1).map(({ at }, index) => at - (attempts[index]?.at ?? 0))
    for (const [index, pause] of pauses.entries()) {
      const longest = Math.min(500 * 2 ** index, 8_000)
      assert.ok(pause >= longest / 2 && pause <= longest, `pause ${index} is ${pause} ms`)
    }
    assert.equal(tab.stored(), server.successorOf(first))
  })

  it("pauses differently on every device", async () => {
    const pauseOf = async (seed: number) => {
      const { time, network, ...world } = createWorld({ seed })
      const tab = await world.signedIn()
      await time.advance(31 * MINUTE)
      let failures = 1
      network.weather = () => (failures-- > 0 ? offline : clear)
      await time.until(tab.me())
      const [one, other] = network.sentTo(REFRESH)
      return (other?.at ?? 0) - (one?.at ?? 0)
    }
    const pauses = new Set(await Promise.all([1, 2, 3, 4].map(pauseOf)))
    assert.equal(pauses.size, 4)
  })

  it("takes a late answer on a line with 30 s of latency", async () => {
    const { time, network, server, ...world } = createWorld()
    const tab = await world.signedIn()
    const first = tab.stored()
    await time.advance(31 * MINUTE)
    network.weather = () => ({ kind: "clear", latencyMs: 30_000 })
    await assert.rejects(time.until(tab.refresh()), { name: "NetworkError", reason: "timeout" })
    await time.advance(15_000)
    assert.equal(tab.stored(), server.successorOf(first))
    assert.ok(network.sentTo(REFRESH).every(({ signal }) => signal?.aborted))
    network.weather = () => clear
    await time.until(tab.me())
    assert.equal(server.thefts, 0)
  })

  it("is not sent again when the late answer comes during the pause", async () => {
    const { time, network, ...world } = createWorld()
    const tab = await world.signedIn()
    network.weather = () => ({ kind: "clear", latencyMs: 10_100 })
    await time.until(tab.refresh())
    assert.equal(network.sentTo(REFRESH).length, 1)
  })

  it("uses the access token only once the new refresh token is stored", async () => {
    const { time, network, server, ...world } = createWorld()
    const values = new Map<string, string>()
    const tab = await world.signedIn({ storage: slowStorage(values, time) })
    const storedRefreshToken = () => JSON.parse([...values.values()].join()).refresh_token
    const successor = server.successorOf(storedRefreshToken())
    await time.advance(31 * MINUTE)
    let storedAtUse = ""
    network.weather = ({ path }) => {
      if (path === ME) storedAtUse = storedRefreshToken()
      return clear
    }
    await time.until(tab.me())
    assert.equal(storedAtUse, successor)
  })

  const faults: Record<string, Weather> = {
    "the device is offline": offline,
    "a connection breaks after the server acted": { kind: "lost-after" },
    "nothing comes back": { kind: "silent-before" },
    "a proxy answers 502 with HTML": badGateway,
    "a captive portal answers 200 with HTML": captivePortal,
    "a captive portal redirects": portalRedirect,
    "something answers 200 with other JSON": { kind: "answered-by-other", status: 200, body: '{"ok":true}' },
    "half of an answer comes": { kind: "answered-by-other", status: 200, body: '{"access_token":"a' },
    "a proxy answers 401 with HTML": { kind: "answered-by-other", status: 401, body: "<h1>401</h1>" },
    "a proxy answers 401 with JSON": { kind: "answered-by-other", status: 401, body: '{"error":"no"}' },
    "a 401 has another code": refusing(401, "token.missing"),
    "a 200 speaks of a 401": {
      kind: "answered-by-other",
      status: 200,
      body: '{"status":401,"code":"session.refresh-invalid","title":"No"}',
    },
    "a 502 speaks of a 401": {
      kind: "answered-by-other",
      status: 502,
      body: '{"status":401,"code":"session.refresh-invalid","title":"No"}',
    },
    "a 403 has that code": refusing(403, "session.refresh-invalid"),
    "the server answers 500": refusing(500, "server.unexpected"),
    "the server answers 503": refusing(503, "server.unavailable", "2"),
    "the server answers 429": refusing(429, "request.too-many", "7"),
    "the server answers 408": refusing(408, "request.timeout"),
    "the server answers 400": refusing(400, "request.invalid"),
    "the host is not known": refusing(421, "request.host-unknown"),
  }
  for (const [title, weather] of Object.entries(faults)) {
    it(`keeps the session when ${title}`, async () => {
      const { time, network, server, ...world } = createWorld()
      const tab = await world.signedIn()
      await time.advance(31 * MINUTE)
      const since = time.now()
      network.weather = () => (time.now() - since < 40_000 ? weather : clear)
      await assert.rejects(
        time.until(tab.me()),
        (error) => error instanceof NetworkError || error instanceof ApiError,
      )
      assert.equal(tab.session()?.user.email, "ada@example.com")
      await time.advance(40_000)
      assert.equal((await time.until(tab.me())).email, "ada@example.com")
      assert.deepEqual(
        tab.events.map(({ type }) => type),
        ["signed-in"],
      )
      assert.equal(server.thefts, 0)
    })
  }

  it("signs out when the server says that the session is over, and says so", async () => {
    const { time, network, browser, server, ...world } = createWorld()
    const tab = await world.signedIn()
    const first = tab.stored()
    await time.until(tab.refresh())
    await time.until(tab.refresh())
    server.handle({
      method: "POST",
      path: REFRESH,
      bearer: undefined,
      idempotencyKey: undefined,
      json: { refresh_token: first },
    })
    assert.equal(server.thefts, 1)

    await assert.rejects(time.until(tab.me()), SignedOutError)
    assert.equal(tab.session(), undefined)
    assert.deepEqual(tab.events.at(-1), { type: "signed-out", reason: "session-ended" })
    assert.equal(browser.values.size, 0)
    const sent = network.sent.length
    await assert.rejects(time.until(tab.me()), SignedOutError)
    assert.equal(network.sent.length, sent)
  })

  it("waits as long as Retry-After says, in later calls too", async () => {
    const { time, network, ...world } = createWorld()
    const tab = await world.signedIn()
    await time.advance(31 * MINUTE)
    const since = time.now()
    network.weather = () => (time.now() - since < 1 ? refusing(429, "request.too-many", "90") : clear)
    await assert.rejects(time.until(tab.me()), { name: "NetworkError", reason: "timeout" })
    await time.advance(41_000)
    await assert.rejects(time.until(tab.me()), { name: "ApiError", status: 429, retryAfterSeconds: 90 })
    assert.equal(network.sentTo(REFRESH).length, 1)
    await time.advance(90_000)
    await time.until(tab.me())
    assert.equal(network.sentTo(REFRESH).length, 2)
  })

  it("can't save a session whose refresh stayed unanswered for longer than the server's window", async () => {
    const { time, network, server, ...world } = createWorld()
    const tab = await world.signedIn()
    await time.advance(31 * MINUTE)
    const since = time.now()
    network.weather = () =>
      time.now() === since ? { kind: "lost-after" } : time.now() - since < 10 * MINUTE ? offline : clear
    await assert.rejects(time.until(tab.me()), NetworkError)
    await time.advance(11 * MINUTE)
    await assert.rejects(time.until(tab.me()), SignedOutError)
    assert.equal(server.thefts, 1)
  })
})
