import assert from "node:assert/strict"
import { createSecretKey, type KeyObject } from "node:crypto"
import { createVerifiedTokens } from "#src/cache.js"
import { setup, stopServers } from "./support/setup.js"
import { keys } from "./support/signer.js"

describe("a token that was verified before", () => {
  afterEach(stopServers)

  /** An in-process key source whose keys the test changes. */
  async function withKeys(cacheSize?: number) {
    const known = new Map<string, KeyObject>([["current", keys.current.publicKey]])
    const api = await setup({
      keys: async (kid) => known.get(kid),
      ...(cacheSize === undefined ? {} : { cacheSize }),
    })
    return { ...api, known }
  }

  it("still expires", async () => {
    const api = await setup()
    const token = api.userToken()
    await api.get(token).expect(200)
    api.clock.advance(1829)
    await api.get(token).expect(200)
    api.clock.advance(1)
    const { status, body } = await api.get(token)
    assert.deepEqual([status, body.code], [401, "token_expired"])
  })

  it("is refused from the moment its key is withdrawn", async () => {
    const api = await withKeys()
    const token = api.userToken()
    await api.get(token).expect(200)
    api.known.delete("current")
    await api.get(token).expect(401)
  })

  it("is refused when its kid gets another key", async () => {
    const api = await withKeys()
    const token = api.userToken()
    await api.get(token).expect(200)
    api.known.set("current", keys.next.publicKey)
    await api.get(token).expect(401)
    api.known.set("current", createSecretKey(Buffer.from("a secret is no public key")))
    await api.get(token).expect(401)
  })

  it("survives a fetch that brings the same keys again", async () => {
    const api = await setup()
    const token = api.userToken()
    for (let n = 0; n < 4; n++) {
      await api.get(token).expect(200)
      api.clock.advance(400)
    }
    assert.equal(api.jwks.fetches, 4)
  })

  it("is forgotten first when it was used least recently, and nothing else changes by that", async () => {
    const api = await withKeys()
    const remembered = createVerifiedTokens(2)
    const claims = (await api.verifier.verify(api.userToken())).claims
    const verified = { claims, kid: "current", key: keys.current.publicKey, expiresAtMs: 1000 }
    for (const token of ["a", "b"]) remembered.remember(token, verified)
    remembered.find("a", 0)
    remembered.remember("c", verified)
    const found = ["a", "b", "c"].map((token) => remembered.find(token, 0) === verified)
    assert.deepEqual(found, [true, false, true])
  })

  for (const cacheSize of [0, 1]) {
    it(`needs no memory: ${cacheSize} will do`, async () => {
      const api = await withKeys(cacheSize)
      const tokens = Array.from({ length: 4 }, () => api.userToken())
      for (const token of [...tokens, ...tokens]) await api.get(token).expect(200)
      api.clock.advance(1830)
      for (const token of tokens) await api.get(token).expect(401)
    })
  }

  it("gives each request a caller of its own, and claims that cannot be changed", async () => {
    const api = await withKeys()
    const token = api.userToken({ address: { country: "AT" } })
    const caller = await api.verifier.verify(token)
    assert.equal(caller.kind, "user")
    ;(caller.scopes as Set<string>).add("admin")
    caller.expiresAt.setFullYear(2999)
    assert.throws(() => (caller.roles as string[]).push("admin"), TypeError)
    assert.throws(() => Object.assign(caller.claims, { sub: "admin" }), TypeError)
    assert.throws(() => Object.assign(caller.claims.address as object, { country: "DE" }), TypeError)
    const again = await api.verifier.verify(token)
    assert.deepEqual([...again.scopes], ["notifications:read", "profile"])
    assert.equal(again.expiresAt.getTime(), Number(again.claims.exp) * 1000)
  })

  it("is never taken for another one that begins alike", async () => {
    const api = await withKeys()
    const token = api.userToken()
    await api.verifier.verify(token)
    for (const other of [token.slice(0, -1), `${token}A`, `${token}=`, ` ${token}`, `${token}.`]) {
      await assert.rejects(api.verifier.verify(other), { code: "token_invalid" }, other)
    }
  })

  it("has one spelling: the unused bits of its last character are not free", async () => {
    // check 84
    const api = await withKeys()
    const token = api.userToken()
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    const accepted: string[] = []
    for (const last of alphabet) {
      const spelling = token.slice(0, -1) + last
      if (await api.verifier.verify(spelling).catch(() => undefined)) accepted.push(spelling)
    }
    assert.deepEqual(accepted, [token])
  })
})

describe("keys of the own process", () => {
  afterEach(stopServers)

  it("verify without any fetch", async () => {
    const api = await setup({ keys: async (kid) => (kid === "current" ? keys.current.publicKey : undefined) })
    assert.equal(await api.verifier.ready(), true)
    await api.get(api.userToken()).expect(200)
    await api.get(api.userToken({}, {}, keys.next)).expect(401)
    assert.equal(api.jwks.fetches, 0)
  })

  it("that cannot be read are a 503", async () => {
    const api = await setup({ keys: () => Promise.reject(new Error("connection refused")) })
    const { status, text } = await api.get(api.userToken())
    assert.equal(status, 503)
    assert.ok(!text.includes("connection refused"))
  })
})
