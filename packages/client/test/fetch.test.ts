import assert from "node:assert/strict"
import { createClient, memoryStorage, NetworkError, SignedOutError } from "#src/index.js"
import { clear, offline, refusing, type Weather } from "./support/network.js"
import { BASE_URL, createWorld, MINUTE } from "./support/world.js"

const REFRESH = "/v1/auth/refresh"
const answer = (status: number, body: string, headers?: Record<string, string>): Weather => ({
  kind: "answered-by-other",
  status,
  body,
  ...(headers && { headers }),
})

describe("fetch", () => {
  const refusals: Record<string, Weather> = {
    "our own problem": refusing(401, "token.invalid"),
    "the verifier's problem": refusing(401, "token_expired"),
    "the old envelope": answer(401, '{"error":"token_invalid","status_code":401}'),
    "a challenge of RFC 6750": answer(401, "", {
      "www-authenticate": 'Bearer realm="x", error="invalid_token"',
    }),
  }
  for (const [title, refusal] of Object.entries(refusals)) {
    it(`refreshes and sends once more when the token is refused by ${title}`, async () => {
      const { time, network, ...world } = createWorld()
      const tab = await world.signedIn()
      let refused = false
      network.weather = ({ path }) => {
        if (path !== "/orders" || refused) return clear
        refused = true
        return refusal
      }
      const response = await time.until(tab.fetch("/orders", { method: "POST", body: '{"item":"tea"}' }))
      assert.equal(response.status, 200)
      const [first, second, ...more] = network.sentTo("/orders")
      assert.deepEqual(more, [])
      assert.deepEqual(second?.json, { item: "tea" })
      assert.notEqual(first?.bearer, second?.bearer)
      assert.equal(network.sentTo(REFRESH).length, 1)
    })
  }

  it("gives back any other answer, and a second refusal, unread", async () => {
    const { time, network, ...world } = createWorld()
    const tab = await world.signedIn()
    for (const weather of [
      refusing(401, "session.credentials-invalid"),
      refusing(403, "token.scope-missing"),
      refusing(503, "server.busy", "1"),
      answer(401, "<h1>who?</h1>"),
    ]) {
      network.weather = ({ path }) => (path === "/orders" ? weather : clear)
      const response = await time.until(tab.fetch("/orders"))
      assert.equal(await response.text(), weather.kind === "answered-by-other" && weather.body)
    }
    assert.equal(network.sentTo(REFRESH).length, 0)

    network.weather = ({ path }) => (path === "/orders" ? refusing(401, "token.invalid") : clear)
    const response = await time.until(tab.fetch("/orders"))
    assert.equal((await response.json()).code, "token.invalid")
  })

  it("does not spend a refresh on each request to a server that takes none of our tokens", async () => {
    const { time, network, ...world } = createWorld()
    const tab = await world.signedIn()
    network.weather = ({ path }) => (path === "/orders" ? refusing(401, "token.invalid") : clear)
    for (let call = 0; call < 10; call++) await time.until(tab.fetch("/orders"))
    assert.equal(network.sentTo(REFRESH).length, 1)
    await time.advance(MINUTE)
    await time.until(tab.fetch("/orders"))
    assert.equal(network.sentTo(REFRESH).length, 2)
  })

  it("refreshes after a bare 401 only while the age of the token is unknown", async () => {
    const { time, network, ...world } = createWorld()
    await world.signedIn()
    await time.advance(31 * MINUTE)
    const reopened = world.tab()
    network.weather = ({ path, bearer }) =>
      path === "/orders" && bearer === network.sentTo("/orders")[0]?.bearer ? answer(401, "") : clear
    assert.equal((await time.until(reopened.fetch("/orders"))).status, 200)
    assert.equal(network.sentTo(REFRESH).length, 1)
  })

  it("takes a Request, and sends its body again", async () => {
    const { time, network, ...world } = createWorld()
    const tab = await world.signedIn()
    await time.advance(31 * MINUTE)
    const reopened = world.tab()
    const request = new Request(`${BASE_URL}/orders`, {
      method: "POST",
      body: '{"item":"tea"}',
      headers: { "X-Shop": "1" },
    })
    assert.equal((await time.until(reopened.fetch(request))).status, 200)
    assert.deepEqual(
      network.sentTo("/orders").map(({ json }) => json),
      [{ item: "tea" }, { item: "tea" }],
    )
    tab.close()
  })

  it("does not send a stream twice", async () => {
    const { time, network, ...world } = createWorld()
    const tab = await world.signedIn()
    network.weather = ({ path }) => (path === "/orders" ? refusing(401, "token.invalid") : clear)
    const init = { method: "POST", body: new Blob(["{}"]).stream(), duplex: "half" } as RequestInit
    const response = await time.until(tab.fetch("/orders", init))
    assert.equal(response.status, 401)
    assert.equal(network.sentTo("/orders").length, 1)
    assert.equal(network.sentTo(REFRESH).length, 1)
  })

  it("does not send a write again when the network fails", async () => {
    const { time, network, ...world } = createWorld()
    const tab = await world.signedIn()
    network.weather = () => ({ kind: "lost-after" })
    await assert.rejects(time.until(tab.fetch("/orders", { method: "POST", body: "{}" })), NetworkError)
    assert.equal(network.sentTo("/orders").length, 1)
  })

  it("tells an abort from a fault, also while it waits for a refresh", async () => {
    const { time, network, ...world } = createWorld()
    const tab = await world.signedIn()
    const abort = new AbortController()
    network.weather = () => ({ kind: "silent-before" })
    const sent = tab.fetch("/orders", { signal: abort.signal })
    await time.advance(1_000)
    abort.abort()
    await assert.rejects(time.until(sent), { name: "AbortError" })

    await time.advance(31 * MINUTE)
    network.weather = () => offline
    const again = new AbortController()
    const waiting = tab.fetch("/orders", { signal: again.signal })
    await time.advance(1_000)
    again.abort()
    await assert.rejects(time.until(waiting), { name: "AbortError" })
    assert.equal(network.sentTo("/orders").length, 1)
  })

  it("sends nothing while nobody is signed in", async () => {
    const { time, network, ...world } = createWorld()
    const tab = world.tab()
    await assert.rejects(time.until(tab.fetch("/orders")), SignedOutError)
    await assert.rejects(time.until(tab.notifications.list()), SignedOutError)
    await assert.rejects(time.until(tab.refresh()), SignedOutError)
    assert.equal(network.sent.length, 0)
  })

  it("shows the token to no origin that was not named", async () => {
    const { time, network, ...world } = createWorld()
    const tab = await world.signedIn({ origins: ["https://api.example.com"] })
    for (const allowed of [
      "/orders",
      `${BASE_URL}/orders`,
      "HTTPS://ID.example.com:443/orders",
      new URL("https://api.example.com/orders"),
    ]) {
      assert.equal((await time.until(tab.fetch(allowed))).status, 200)
    }
    const before = network.sent.length
    for (const refused of [
      "https://evil.example/orders",
      "http://id.example.com/orders",
      "https://id.example.com:8443/orders",
      "https://id.example.com.evil.example/",
      "https://id.example.com@evil.example/",
      "https://id.example.com\\@evil.example/",
      "https://id.exam\nple.com/",
      "//evil.example/orders",
      "/\\evil.example/orders",
      "\t//evil.example/",
      "orders",
      "javascript:alert(1)",
      "",
    ]) {
      await assert.rejects(time.until(tab.fetch(refused)), TypeError, refused)
    }
    assert.equal(network.sent.length, before)
  })

  it("refuses options that can't work", () => {
    const storage = memoryStorage()
    for (const baseUrl of [
      "",
      "/api",
      "ftp://x",
      "id.example.com",
      "https://a:b@c.example",
      "https://a.example?x",
    ]) {
      assert.throws(() => createClient({ baseUrl, storage }), TypeError, baseUrl)
    }
    assert.throws(() => createClient({ baseUrl: BASE_URL, storage, timeoutMs: 0 }), TypeError)
    assert.throws(() => createClient({ baseUrl: BASE_URL, storage, origins: ["api"] }), TypeError)
  })
})
