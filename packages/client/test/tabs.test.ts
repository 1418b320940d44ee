import assert from "node:assert/strict"
import { SignedOutError } from "#src/index.js"
import { clear, offline } from "./support/network.js"
import { createWorld, MINUTE, type Tab, type World } from "./support/world.js"

const REFRESH = "/v1/auth/refresh"

async function openTabs(world: World, options?: Parameters<World["tab"]>[0]): Promise<Tab[]> {
  await world.signedIn(options)
  const tabs = Array.from({ length: 16 }, () => world.tab(options))
  await world.time.advance(31 * MINUTE)
  return tabs
}

describe("tabs that share a storage", () => {
  it("refresh once in all, however many need it", async () => {
    const world = createWorld()
    const tabs = await openTabs(world)
    await world.time.until(Promise.all(tabs.map((tab) => tab.me())))
    assert.equal(world.network.sentTo(REFRESH).length, 1)
  })

  it("refresh once in all though no events reach them", async () => {
    const world = createWorld()
    const tabs = await openTabs(world, { isDeaf: true })
    await world.time.until(Promise.all(tabs.map((tab) => tab.me())))
    assert.equal(world.network.sentTo(REFRESH).length, 1)
  })

  it("end with one refresh token where there are no locks", async () => {
    const world = createWorld()
    const tabs = await openTabs(world, { hasLocks: false, isDeaf: true })
    let calls = 0
    world.network.weather = () => ({ kind: "clear", latencyMs: 700 * (++calls % 9) })
    await world.time.until(Promise.all(tabs.map((tab) => tab.me())))
    await world.time.until(Promise.all(tabs.map((tab) => tab.refresh())))
    await world.time.until(Promise.all(tabs.map((tab) => tab.me())))
    assert.equal(world.server.thefts, 0)
  })

  it("don't send a token again that another tab has spent meanwhile", async () => {
    const world = createWorld()
    const tab = await world.signedIn({ hasLocks: false })
    const silent = world.tab({ hasLocks: false, isDeaf: true })
    await world.time.advance(31 * MINUTE)
    world.network.weather = () => ({ kind: "silent-before" })
    const waiting = silent.refresh()
    waiting.catch(() => {})
    await world.time.advance(1_000)
    world.network.weather = () => clear
    await world.time.until(tab.refresh())
    await world.time.until(tab.refresh())
    await world.time.advance(MINUTE)
    await world.time.until(silent.me())
    assert.equal(world.server.thefts, 0)
    assert.equal(silent.session()?.user.email, "ada@example.com")
  })

  it("don't wait for good for one that is frozen with the lock", async () => {
    const world = createWorld()
    const tab = await world.signedIn()
    await world.time.advance(31 * MINUTE)
    const name = `gatepost:refresh:${JSON.parse([...world.browser.values.values()][0] ?? "").id}`
    const frozen = world.browser
      .tab()
      .locks.request(name, { signal: new AbortController().signal }, () => new Promise(() => {}))
    void frozen
    assert.equal((await world.time.until(tab.me())).email, "ada@example.com")
  })

  it("don't wait for one that crashed with the lock", async () => {
    const world = createWorld()
    const tab = await world.signedIn()
    const crashing = world.tab()
    await world.time.advance(31 * MINUTE)
    world.network.weather = () => ({ kind: "silent-after" })
    const lost = crashing.refresh()
    lost.catch(() => {})
    await world.time.advance(10)
    crashing.browserTab.crash()
    world.network.weather = () => clear
    const since = world.time.now()
    await world.time.until(tab.me())
    assert.equal(world.time.now(), since)
    assert.equal(world.server.thefts, 0)
  })

  it("hear of each other's sign-ins and sign-outs", async () => {
    const world = createWorld()
    const waiting = world.tab()
    const tab = await world.signedIn()
    await world.time.advance(0)
    assert.equal(waiting.session()?.user.email, "ada@example.com")
    await world.time.until(waiting.logout())
    assert.equal(tab.session(), undefined)
    assert.deepEqual(tab.events.at(-1), { type: "signed-out", reason: "elsewhere" })
    assert.deepEqual(waiting.events.at(-1), { type: "signed-out", reason: "logout" })
    await assert.rejects(world.time.until(tab.me()), SignedOutError)
  })

  it("don't bring back a session that was left while its refresh was on the way", async () => {
    const world = createWorld()
    const tab = await world.signedIn()
    const leaving = world.tab()
    await world.time.advance(31 * MINUTE)
    world.network.weather = ({ path }) => ({ kind: "clear", latencyMs: path === REFRESH ? 4_000 : 0 })
    const call = tab.me()
    call.catch(() => {})
    await world.time.advance(1_000)
    await world.time.until(leaving.logout())
    await assert.rejects(world.time.until(call), SignedOutError)
    await world.time.advance(MINUTE)
    assert.equal(world.browser.values.size, 0)
    assert.equal(tab.session(), undefined)
  })

  it("never finish one person's call with the next one's token", async () => {
    const world = createWorld()
    const tab = await world.signedIn()
    await world.time.advance(31 * MINUTE)
    const other = world.tab()
    world.network.weather = ({ path, bearer }) =>
      path === "/orders" && bearer ? { kind: "clear", latencyMs: 3_000 } : clear
    const order = other.fetch("/orders", { method: "POST", body: "{}" })
    order.catch(() => {})
    await world.time.advance(1_000)
    await world.time.until(tab.logout())
    await world.time.until(tab.login({ email: "bob@example.com", password: "another few words" }))
    await assert.rejects(world.time.until(order), SignedOutError)
    assert.equal(world.network.sentTo("/orders").length, 1)
    assert.equal(other.session()?.user.email, "bob@example.com")
  })

  it("finish the refresh of a page that was left, as soon as the next one opens", async () => {
    const world = createWorld()
    const left = await world.signedIn()
    const first = left.stored()
    await world.time.advance(29 * MINUTE + 40_000)
    world.network.weather = ({ path }) => (path === REFRESH ? { kind: "silent-after" } : clear)
    left.refresh().catch(() => {})
    await world.time.advance(100)
    left.browserTab.crash()
    world.network.weather = () => clear
    await world.time.advance(20_000)

    const tab = world.tab()
    await world.time.advance(2 * MINUTE)
    assert.equal(tab.stored(), world.server.successorOf(first))
    await world.time.until(tab.me())
    assert.equal(world.server.thefts, 0)
  })

  it("all sign out when the session is stolen", async () => {
    const world = createWorld()
    const tab = await world.signedIn()
    const others = [world.tab(), world.tab()]
    const copied = tab.stored()
    const thief = world.tab({ storage: thiefsStorage(world) })
    await world.time.until(tab.refresh())
    await world.time.until(tab.refresh())
    await assert.rejects(world.time.until(thief.refresh()), SignedOutError)
    assert.equal(world.server.isAlive(copied), false)
    await assert.rejects(world.time.until(tab.me()), SignedOutError)
    for (const other of others) assert.equal(other.session(), undefined)
  })

  it("keep the session of a tab that was offline while another refreshed", async () => {
    const world = createWorld()
    const tab = await world.signedIn()
    const away = world.tab({ isDeaf: true })
    let isAway = true
    const awayTokens = new Set([tab.stored()])
    await world.time.advance(31 * MINUTE)
    await world.time.until(tab.me())
    await world.time.advance(31 * MINUTE)
    world.network.weather = () => (isAway ? offline : clear)
    await assert.rejects(world.time.until(away.me()))
    isAway = false
    await world.time.until(tab.me())
    await world.time.until(away.me())
    assert.equal(world.server.thefts, 0)
    assert.ok(!awayTokens.has(tab.stored()))
  })
})

/** What the storage holds now, and nothing of what comes. */
function thiefsStorage({ browser }: World) {
  const copy = new Map(browser.values)
  return {
    get: (key: string) => copy.get(key),
    set: (key: string, value: string) => copy.set(key, value),
    remove: (key: string) => copy.delete(key),
    subscribe: () => () => {},
  }
}
