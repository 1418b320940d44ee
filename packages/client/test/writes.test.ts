import assert from "node:assert/strict"
import { ApiError, NetworkError } from "#src/index.js"
import { badGateway, clear, offline, refusing } from "./support/network.js"
import { slowStorage } from "./support/slow-storage.js"
import { ADA, createWorld, MINUTE } from "./support/world.js"

describe("writes", () => {
  it("register once under one key, however often the answer is lost", async () => {
    const { time, network, server, ...world } = createWorld()
    const tab = world.tab()
    let failures = 2
    network.weather = () => (failures-- > 0 ? { kind: "lost-after" } : clear)
    const { user } = await time.until(tab.register({ ...ADA, name: "Ada" }))
    assert.equal(user.email, ADA.email)
    const keys = network.sentTo("/v1/auth/register").map(({ idempotencyKey }) => idempotencyKey)
    assert.equal(keys.length, 3)
    assert.equal(new Set(keys).size, 1)
    assert.match(keys[0] ?? "", /^[\x21-\x7e]{16,128}$/)
    assert.equal(server.registrations, 1)
  })

  it("finish a registration that failed when the person tries again, and give another person another key", async () => {
    const { time, network, server, ...world } = createWorld()
    const tab = world.tab()
    network.weather = () => ({ kind: "lost-after" })
    await assert.rejects(time.until(tab.register(ADA)), NetworkError)
    network.weather = () => clear
    await time.until(tab.register(ADA))
    assert.equal(server.registrations, 1)
    await time.until(tab.register({ ...ADA, email: "bob@example.com" }))
    assert.equal(server.registrations, 2)
  })

  it("sign in through a lost answer, and tell a wrong password at once", async () => {
    const { time, network, ...world } = createWorld()
    const tab = world.tab()
    let failures = 2
    network.weather = () => (failures-- > 0 ? badGateway : clear)
    await time.until(tab.login(ADA))
    assert.equal(network.sentTo("/v1/auth/login").length, 3)

    network.weather = () => refusing(401, "session.credentials-invalid")
    await assert.rejects(time.until(tab.login(ADA)), (error) => {
      assert.ok(error instanceof ApiError)
      assert.deepEqual(
        [error.status, error.code, error.title, error.detail, error.errors],
        [401, "session.credentials-invalid", "No", "No.", []],
      )
      return true
    })
    assert.equal(network.sentTo("/v1/auth/login").length, 4)
    assert.equal(tab.session()?.user.email, ADA.email)
  })

  it("of the next person are not overwritten by the refresh of the one before", async () => {
    for (let delay = 0; delay < 9_000; delay += 500) {
      const { time, network, ...world } = createWorld()
      const values = new Map<string, string>()
      const tab = await world.signedIn({ storage: slowStorage(values, time) })
      network.weather = ({ path }) => ({ kind: "clear", latencyMs: path.endsWith("refresh") ? 1_000 : 0 })
      const refreshed = tab.refresh()
      refreshed.catch(() => {})
      await time.advance(delay)
      await time.until(tab.login({ ...ADA, email: "bob@example.com" }))
      await time.advance(MINUTE)
      assert.match([...values.values()].join(), /bob@example\.com/, `login after ${delay} ms`)
      assert.equal(tab.session()?.user.email, "bob@example.com")
      const last = tab.events.at(-1)
      assert.equal(last?.type === "signed-in" && last.user.email, "bob@example.com")
    }
  })

  it("name the faulty fields", async () => {
    const { time, network, ...world } = createWorld()
    const errors = [{ pointer: "/password", message: "is too short" }]
    network.weather = () => ({
      kind: "answered-by-other",
      status: 400,
      body: JSON.stringify({ status: 400, code: "request.invalid", title: "Invalid", errors }),
    })
    await assert.rejects(time.until(world.tab().register(ADA)), { name: "ApiError", errors })
  })

  it("are not repeated where a repeat would act twice", async () => {
    const { time, network, server, ...world } = createWorld()
    const tab = await world.signedIn()
    network.weather = () => ({ kind: "lost-after" })
    const calls = {
      "/v1/auth/forgot-password": () => tab.forgotPassword({ email: ADA.email }),
      "/v1/auth/verify-email": () => tab.requestVerification({ email: ADA.email }),
      "/v1/auth/reset-password": () => tab.resetPassword({ token: "t", new_password: "some new words" }),
      "/v1/notifications/mark-all-read": () => tab.notifications.markAllRead(),
    }
    for (const [path, call] of Object.entries(calls)) {
      await assert.rejects(time.until(call()), NetworkError)
      assert.equal(network.sentTo(path).length, 1, path)
    }
    assert.equal(server.mails, 1)
  })

  it("repeat what may be repeated: reading, and marking one as read", async () => {
    const { time, network, ...world } = createWorld()
    const tab = await world.signedIn()
    let failures = 2
    network.weather = () => (failures-- > 0 ? offline : clear)
    await time.until(tab.notifications.list({ limit: 5, cursor: "a b" }))
    assert.equal(network.sentTo("/v1/notifications").length, 3)
    failures = 2
    await assert.rejects(time.until(tab.notifications.markRead("../x")), NetworkError)
    assert.equal(network.sentTo("/v1/notifications/..%2Fx/read").length, 3)
  })

  it("carry the app's id", async () => {
    const seen: (string | null)[] = []
    const { network, time, ...world } = createWorld()
    const tab = world.tab({
      fetch: (input, init) => {
        seen.push(new Headers(init?.headers).get("x-client-id"))
        return network.fetch(input, init)
      },
    })
    await time.until(tab.login(ADA))
    assert.deepEqual(seen, ["jobswipe"])
  })
})

describe("logout", () => {
  it("ends the session here and on the server", async () => {
    const { time, server, browser, ...world } = createWorld()
    const tab = await world.signedIn()
    const refreshToken = tab.stored()
    const done = tab.logout()
    assert.equal(tab.session(), undefined)
    await time.until(done)
    assert.equal(server.isAlive(refreshToken), false)
    assert.equal(browser.values.size, 0)
    assert.deepEqual(tab.events.at(-1), { type: "signed-out", reason: "logout" })
  })

  it("ends it here when the server can't be told", async () => {
    for (const weather of [offline, badGateway, { kind: "silent-before" } as const]) {
      const { time, network, browser, ...world } = createWorld()
      const tab = await world.signedIn()
      network.weather = () => weather
      await time.until(tab.logout())
      assert.equal(tab.session(), undefined)
      assert.equal(browser.values.size, 0)
      assert.equal(world.tab().session(), undefined)
    }
  })

  it("ends it on the server after the access token is over, too", async () => {
    const { time, server, browser, ...world } = createWorld()
    const tab = await world.signedIn()
    const refreshToken = tab.stored()
    await time.advance(31 * MINUTE)
    await time.until(tab.logout())
    assert.equal(server.isAlive(refreshToken), false)
    assert.equal(browser.values.size, 0)
  })

  it("is not undone by a slow storage that was just being written", async () => {
    for (let delay = 0; delay < 9_000; delay += 500) {
      const { time, network, ...world } = createWorld()
      const values = new Map<string, string>()
      const tab = await world.signedIn({ storage: slowStorage(values, time) })
      network.weather = () => ({ kind: "clear", latencyMs: 1_000 })
      const refreshed = tab.refresh()
      refreshed.catch(() => {})
      await time.advance(delay)
      const done = tab.logout()
      for (let step = 0; step < 12; step++) {
        await time.advance(500)
        assert.equal(tab.session(), undefined, `logout after ${delay} ms`)
      }
      await time.until(done)
      assert.equal(values.size, 0)
      assert.deepEqual(
        tab.events.filter(({ type }) => type !== "user-changed").map(({ type }) => type),
        ["signed-in", "signed-out"],
      )
    }
  })

  it("wins over a refresh that is on its way", async () => {
    const { time, network, browser, ...world } = createWorld()
    const tab = await world.signedIn()
    await time.advance(31 * MINUTE)
    network.weather = () => ({ kind: "clear", latencyMs: 4_000 })
    const call = tab.me()
    call.catch(() => {})
    await time.advance(1_000)
    await time.until(tab.logout())
    await time.advance(MINUTE)
    assert.equal(tab.session(), undefined)
    assert.equal(browser.values.size, 0)
    await time.until(tab.login(ADA))
    assert.equal(tab.session()?.user.email, ADA.email)
  })
})
