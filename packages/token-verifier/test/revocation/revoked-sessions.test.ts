import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { createVerifier, type RevocationOptions } from "@gatepost/token-verifier"
import { type Followed, setupFollowed, startFeed, until } from "../support/feed.js"
import { stopServers } from "../support/setup.js"
import { AUDIENCE, ISSUER } from "../support/signer.js"

const SESSION = "0198c1a2-0000-7000-8000-000000000011"
const OTHER = "0198c1a2-0000-7000-8000-000000000022"

describe("a verifier that follows revocations", () => {
  let api: Followed
  beforeEach(async () => {
    api = await setupFollowed()
  })
  afterEach(() => {
    api.verifier.close()
    stopServers()
  })

  it("refuses every token of a revoked session, seen before or not, and no other", async () => {
    // checks 66 and 84
    const [seen, other] = [api.tokenOf(SESSION), api.tokenOf(OTHER)]
    await api.get(seen).expect(200)
    const feed = await api.feed.follower(1)
    feed.revoke(7, SESSION)
    await api.untilAnswered(seen, 401)
    const { body, headers } = await api.get(api.tokenOf(SESSION)).expect(401)
    assert.deepEqual([body.code, body.detail], ["token_invalid", "the session was revoked"])
    assert.match(String(headers["www-authenticate"]), /error="invalid_token"/)
    await api.get(`${seen.slice(0, -1)}${seen.endsWith("A") ? "B" : "A"}`).expect(401)
    await api.get(other).expect(200)
    await api.get(api.serviceToken()).expect(200)
  })

  it("asks nobody anything because of a request", async () => {
    await api.get(api.tokenOf(SESSION)).expect(200)
    await api.feed.follower(1)
    const calls = () => [api.jwks.fetches, api.feed.tokenRequests.length, api.feed.followers.length]
    const before = calls()
    const tokens = Array.from({ length: 10 }, () => api.tokenOf(SESSION))
    for (let n = 0; n < 200; n++) await api.get(tokens[n % 10] as string).expect(200)
    assert.deepEqual(calls(), before)
    assert.deepEqual(before, [1, 1, 1])
  })

  it("signs in as its client, and comes back to where it was", async () => {
    const first = await api.feed.follower(1)
    const [{ headers, body } = assert.fail()] = api.feed.tokenRequests
    assert.equal(headers.authorization, `Basic ${btoa("back%20end:s3cret%3Awith%25")}`)
    assert.equal(body, "grant_type=client_credentials&scope=revocations%3Aread")
    assert.equal(first.headers.authorization, "Bearer token-1")
    assert.equal(first.headers["last-event-id"], undefined)
    first.revoke(41, SESSION)
    first.ping(42)
    await api.untilAnswered(api.tokenOf(SESSION), 401)
    first.response.destroy()
    const second = await api.feed.follower(2)
    assert.equal(second.headers["last-event-id"], "42")
    await api.get(api.tokenOf(SESSION)).expect(401)
    assert.equal(api.feed.tokenRequests.length, 1)
  })

  it("takes `retry:` as the pause after the stream's end, and for no end itself", async () => {
    const first = await api.feed.follower(1)
    first.write("retry: 300\n\n")
    first.revoke(43, SESSION)
    await api.untilAnswered(api.tokenOf(SESSION), 401)
    assert.ok(first.isOpen())
    assert.equal(api.feed.followers.length, 1)
    const endedAt = performance.now()
    first.response.end()
    await api.feed.follower(2)
    assert.ok(performance.now() - endedAt > 290)
  })

  it("does not skip what it cannot read, but asks for it again", async () => {
    const garbage = [
      "data: {\n\n",
      "data: {}\n\n",
      `data: {"session_id":"${SESSION}","expires_at":"soon"}\n\n`,
      `data: ${"x".repeat(70_000)}`,
    ]
    for (const [index, text] of garbage.entries()) {
      const feed = await api.feed.follower(index + 1)
      if (index === 0) feed.ping(7)
      feed.write(`id: 8\nevent: revoked\n${text}`)
      const next = await api.feed.follower(index + 2)
      assert.equal(next.headers["last-event-id"], "7", text)
      // A sign of life, so that it does not wait longer and longer.
      next.ping(7)
    }
    const last = await api.feed.follower(garbage.length + 1)
    last.write(": a comment\n\nevent: something-new\r\ndata: {\r\n\r\n")
    last.revoke(8, SESSION)
    await api.untilAnswered(api.tokenOf(SESSION), 401)
    assert.equal(api.feed.followers.length, garbage.length + 1)
  })

  it("forgets a session when no token of it can be left", async () => {
    const feed = await api.feed.follower(1)
    feed.revoke(1, SESSION, new Date(api.clock() + 4_000))
    feed.revoke(2, OTHER, new Date(api.clock() + 3_600_000))
    await api.untilAnswered(api.tokenOf(SESSION), 401)
    api.clock.advance(5)
    feed.ping(2)
    await api.untilAnswered(api.tokenOf(SESSION), 200)
    await api.get(api.tokenOf(OTHER)).expect(401)
  })

  it("ends its connection when it is closed, and makes no other", async () => {
    const feed = await api.feed.follower(1)
    api.verifier.close()
    await until(() => !feed.isOpen())
    await new Promise((resolve) => setTimeout(resolve, 600))
    assert.equal(api.feed.followers.length, 1)
  })
})

describe("the token of a verifier that follows revocations", () => {
  let api: Followed
  beforeEach(async () => {
    api = await setupFollowed({}, 10)
  })
  afterEach(() => {
    api.verifier.close()
    stopServers()
  })

  it("is renewed before its end, and nothing is missed by that", async () => {
    const first = await api.feed.follower(1)
    api.clock.advance(7)
    first.revoke(7, SESSION)
    await api.untilAnswered(api.tokenOf(SESSION), 401)
    assert.equal(api.feed.tokenRequests.length, 1)
    api.clock.advance(2)
    first.ping(8)
    const second = await api.feed.follower(2)
    assert.equal(second.headers.authorization, "Bearer token-2")
    assert.equal(second.headers["last-event-id"], "8")
    await until(() => !first.isOpen())
    assert.equal(api.feed.tokenRequests.length, 2)
  })

  it("is given up when the feed refuses it", async () => {
    const first = await api.feed.follower(1)
    api.feed.answer = (_, response) => {
      api.feed.answer = undefined
      response.writeHead(401).end()
    }
    first.response.destroy()
    const second = await api.feed.follower(2)
    assert.equal(second.headers.authorization, "Bearer token-2")
  })
})

describe("the option revocation", () => {
  afterEach(stopServers)

  it("keeps no process alive", async () => {
    const feed = await startFeed()
    const program = `
      import { createVerifier } from "@gatepost/token-verifier"
      createVerifier({ issuer: "${ISSUER}", audience: "a", revocation: ${JSON.stringify(feed.revocation)} })
      // Something to do, for long enough to be connected.
      await new Promise((resolve) => setTimeout(resolve, 500))
      process.stdout.write("done")`
    const node = promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], {
      timeout: 5_000,
      cwd: import.meta.dirname,
    })
    const { stdout } = await node
    assert.equal(stdout, "done")
    assert.equal(feed.followers.length, 1)
  })

  it("has defaults at the issuer, and is refused when it cannot work, by name", () => {
    const create = (revocation: Partial<RevocationOptions>, issuer = ISSUER) =>
      createVerifier({
        issuer,
        audience: AUDIENCE,
        keys: async () => undefined,
        revocation: { clientId: "a", clientSecret: "b", ...revocation },
      })
    create({}).close()
    assert.throws(() => create({ clientId: "" }), /revocation\.clientId/)
    assert.throws(() => create({ clientSecret: "" }), /revocation\.clientSecret/)
    assert.throws(() => create({ tokenUrl: "ftp://a" }), /revocation\.tokenUrl/)
    assert.throws(() => create({ feedUrl: "http://user:pw@a" }), /revocation\.feedUrl/)
    assert.throws(() => create({}, "not a URL"), /revocation\.tokenUrl/)
    assert.throws(() => create({ maxStalenessSeconds: 9 }), /revocation\.maxStalenessSeconds/)
    assert.throws(() => create({ whenStale: "ajar" as "open" }), /revocation\.whenStale/)
  })
})
