import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { race, testDatabase } from "@gatepost/testkit"
import { runChild } from "../support/child.js"
import { logIn, me, register } from "../support/people.js"
import { type Bundle, settings, setup, startProcess } from "../support/setup.js"

describe("the signing keys", () => {
  let auth: Bundle

  before(async () => {
    auth = await setup()
  })
  after(() => auth.stop())

  const fetchKeys = (headers: Record<string, string> = {}) =>
    auth.http.get("/.well-known/jwks.json").set(headers)

  // check 71
  it("are published with their public members alone, under their thumbprint", async () => {
    const { body, headers } = await fetchKeys().expect(200)
    assert.match(String(headers["content-type"]), /^application\/jwk-set\+json/)
    assert.equal(body.keys.length, 1)
    const [{ kid, n, e, ...key }] = body.keys
    assert.deepEqual(key, { kty: "RSA", alg: "RS256", use: "sig" })
    assert.equal(Buffer.from(n, "base64url").length, 256)
    // RFC 7638: the members in this order, without spaces.
    const thumbprint = createHash("sha256").update(JSON.stringify({ e, kty: "RSA", n }))
    assert.equal(kid, thumbprint.digest("base64url"))
  })

  it("are at the place that discovery names too, as the same set", async () => {
    const discovery = await auth.http.get("/oidc/.well-known/openid-configuration").expect(200)
    const { pathname } = new URL(discovery.body.jwks_uri)
    const [{ body: there }, { body: here }] = [await auth.http.get(pathname), await fetchKeys()]
    const kids = ({ keys }: { keys: { kid: string }[] }) => keys.map(({ kid }) => kid)
    assert.deepEqual(kids(there), kids(here))
    for (const key of there.keys)
      assert.deepEqual(
        Object.keys(key).filter((name) => "dpq".includes(name)),
        [],
      )
  })

  // check 2, check 4, check 71
  it("may be cached for five minutes, by anybody, and are not sent twice", async () => {
    const { headers } = await fetchKeys()
    assert.equal(headers["cache-control"], "public, max-age=300")
    assert.equal(headers["access-control-allow-origin"], "*")
    const again = await fetchKeys({ "If-None-Match": String(headers.etag) }).expect(304)
    assert.equal(again.text, "")
    await fetchKeys({ "If-None-Match": '"another"' }).expect(200)
  })

  // check 71
  it("are sealed in the database", async () => {
    const [row] = await auth.db.query<{ text: string; sealed: Buffer; public_jwk: object }>(
      "select k::text as text, private_jwk_sealed as sealed, public_jwk from auth.signing_keys k",
    )
    assert.ok(row)
    assert.deepEqual(Object.keys(row.public_jwk).sort(), ["alg", "e", "kid", "kty", "n", "use"])
    for (const member of ['"d"', '"dp"', '"qi"', "PRIVATE"]) {
      assert.ok(!row.text.includes(member) && !row.sealed.includes(member))
    }
  })

  it("are one, however many processes start at once on an empty database", async () => {
    const db = await testDatabase()
    const processes = await race(4, () => startProcess(db))
    try {
      const kids = await Promise.all(
        processes.map(async ({ http }) => (await http.get("/.well-known/jwks.json")).text),
      )
      assert.equal(new Set(kids).size, 1)
      const [row] = await db.query("select count(*)::int as keys from auth.signing_keys")
      assert.deepEqual(row, { keys: 1 })
      const [first, second] = processes
      assert.ok(first && second)
      const { access_token } = await register(first)
      await me(second, access_token).expect(200)
    } finally {
      for (const { stop } of processes) await stop()
      await db.drop()
    }
  })

  it("outlive a restart, with every token they signed", async () => {
    const before = await register(auth)
    const restarted = await auth.another()
    await me(restarted, before.access_token).expect(200)
    await logIn(restarted, before.user.email).expect(200)
  })

  // R12: never a new identity in silence.
  it("stop the start under another KEY_ENCRYPTION_SECRET, which the message names", async () => {
    const { KEY_ENCRYPTION_SECRET } = { KEY_ENCRYPTION_SECRET: "quite-another-secret-0123456789abc" }
    const { code, output } = await runChild({ ...settings(auth.db), KEY_ENCRYPTION_SECRET })
    assert.equal(code, 1)
    assert.match(output, /^KEY_ENCRYPTION_SECRET is not the one/m)
    assert.doesNotMatch(output, /quite-another|\n {4}at /)
    const [row] = await auth.db.query("select count(*)::int as keys from auth.signing_keys")
    assert.deepEqual(row, { keys: 1 })
  })
})
