import assert from "node:assert/strict"
import { memoryStorage, type StorageAdapter, webStorage } from "#src/index.js"
import { createWorld, MINUTE } from "./support/world.js"

const denied = () => {
  throw new DOMException("The operation is insecure.", "SecurityError")
}

/** As in React Native, or over IndexedDB. */
const asyncStorage = (values = new Map<string, string>()) => ({
  values,
  get: async (key: string) => values.get(key),
  set: async (key: string, value: string) => void values.set(key, value),
  remove: async (key: string) => void values.delete(key),
})

describe("storage", () => {
  it("that always throws leaves the session in memory, and says so once", async () => {
    const { time, network, ...world } = createWorld()
    const tab = world.tab({ storage: { get: denied, set: denied, remove: denied } })
    const errors: unknown[] = []
    tab.onStorageError((cause) => errors.push(cause))
    await time.until(tab.login({ email: "ada@example.com", password: "p" }))
    await time.advance(31 * MINUTE)
    await time.until(tab.me())
    assert.equal(network.sentTo("/v1/auth/refresh").length, 1)
    assert.equal(errors.length, 1)
    await time.until(tab.logout())
    assert.equal(tab.session(), undefined)
  })

  it("that rejects does the same", async () => {
    const { time, ...world } = createWorld()
    const rejecting = async () => denied()
    const tab = world.tab({ storage: { get: rejecting, set: rejecting, remove: rejecting } })
    const errors: unknown[] = []
    tab.onStorageError((cause) => errors.push(cause))
    await time.until(tab.login({ email: "ada@example.com", password: "p" }))
    await time.until(tab.me())
    assert.equal(errors.length, 1)
  })

  it("that is full keeps no spent refresh token, and gets the new one when there is room", async () => {
    const { time, server, ...world } = createWorld()
    const values = new Map<string, string>()
    let isFull = false
    const storage: StorageAdapter = {
      ...memoryStorage(),
      get: (key) => values.get(key),
      set: (key, value) => (isFull ? denied() : values.set(key, value)),
      remove: (key) => values.delete(key),
    }
    const tab = await world.signedIn({ storage })
    isFull = true
    await time.until(tab.refresh())
    assert.equal(values.size, 0)
    await time.until(tab.refresh())
    isFull = false
    await time.until(tab.refresh())
    assert.equal(values.size, 1)
    await time.until(world.tab({ storage }).refresh())
    assert.equal(server.thefts, 0)
  })

  it("that is locked at the start signs nobody out: it is read again later", async () => {
    const { time, ...world } = createWorld()
    const { values, ...unlocked } = asyncStorage()
    await world.signedIn({ storage: unlocked })
    let isLocked = true
    const storage = { ...unlocked, get: async (key: string) => (isLocked ? denied() : values.get(key)) }
    const tab = world.tab({ storage })
    assert.equal(await time.until(tab.ready()), undefined)
    isLocked = false
    assert.equal((await time.until(tab.me())).email, "ada@example.com")
  })

  it("may be async; the session is there when the client is ready, and calls wait for it", async () => {
    const { time, network, ...world } = createWorld()
    const storage = asyncStorage()
    await world.signedIn({ storage })
    const tab = world.tab({ storage })
    assert.equal(tab.session(), undefined)
    assert.equal((await time.until(tab.ready()))?.user.email, "ada@example.com")
    await time.advance(31 * MINUTE)
    const eager = world.tab({ storage })
    await time.until(Promise.all(Array.from({ length: 16 }, () => eager.me())))
    assert.equal(network.sentTo("/v1/auth/refresh").length, 1)
  })

  it("with something else in it means that nobody is signed in", async () => {
    for (const text of ["", "null", "[]", "{", '{"id":"x","access_token":"a"}', '"x"']) {
      const { time, browser, ...world } = createWorld()
      const tab = await world.signedIn()
      const [key = ""] = browser.values.keys()
      browser.values.set(key, text)
      assert.equal(world.tab().session(), undefined)
      tab.close()
      await time.advance(0)
    }
  })

  it("of two apps or two servers is kept apart", async () => {
    const { browser, time, ...world } = createWorld()
    await world.signedIn()
    assert.equal(world.tab({ clientId: "movr" }).session(), undefined)
    assert.equal(world.tab({ baseUrl: "https://other.example.com" }).session(), undefined)
    assert.equal(world.tab({ baseUrl: "https://id.example.com/" }).session()?.user.email, "ada@example.com")
    assert.equal(browser.values.size, 1)
    await time.advance(0)
  })

  it("without events of its own tells other tabs over a BroadcastChannel", async () => {
    const { time, ...world } = createWorld()
    const storage = asyncStorage()
    const listening = world.tab({ storage })
    const heard = new Promise((resolve) => listening.onChange(resolve))
    const tab = await world.signedIn({ storage })
    assert.equal((await heard) && listening.session()?.user.email, "ada@example.com")
    const left = new Promise((resolve) => listening.onChange(resolve))
    await time.until(tab.logout())
    assert.deepEqual(await left, { type: "signed-out", reason: "elsewhere" })
    tab.close()
    listening.close()
  })

  it("of the web tells of the changes to its own key, and of its clearing", () => {
    const target = new EventTarget()
    const { addEventListener, removeEventListener } = globalThis
    globalThis.addEventListener = target.addEventListener.bind(target)
    globalThis.removeEventListener = target.removeEventListener.bind(target)
    try {
      let heard = 0
      const stop = webStorage().subscribe?.("mine", () => heard++)
      const hear = (key: string | null) => target.dispatchEvent(Object.assign(new Event("storage"), { key }))
      hear("mine")
      hear("other")
      hear(null)
      assert.equal(heard, 2)
      stop?.()
      hear("mine")
      assert.equal(heard, 2)
    } finally {
      Object.assign(globalThis, { addEventListener, removeEventListener })
    }
  })

  it("of the web is any Storage", () => {
    const values = new Map<string, string>()
    const area = {
      getItem: (key: string) => values.get(key) ?? null,
      setItem: (key: string, value: string) => void values.set(key, value),
      removeItem: (key: string) => void values.delete(key),
    }
    const storage = webStorage(area)
    storage.set("a", "1")
    assert.equal(storage.get("a"), "1")
    storage.remove("a")
    assert.equal(storage.get("a"), null)
  })
})
