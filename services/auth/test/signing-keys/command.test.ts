import assert from "node:assert/strict"
import { until } from "@gatepost/testkit"
import { readKeysConfig } from "#src/config.js"
import { runChild } from "../support/child.js"
import { type Bundle, settings, setup } from "../support/setup.js"
import { changeKeys, keyEvents, publishedKids, runKeys, signingKid, storedKeys } from "./support/keys.js"

describe("the command for the signing keys", () => {
  let auth: Bundle
  before(async () => {
    auth = await setup()
  })
  after(() => auth.stop())

  async function assertRefused(args: string[], env: Record<string, string>, words: RegExp, code = 1) {
    const before = await storedKeys(auth.db)
    const result = await runKeys(auth.db, args, env)
    assert.equal(result.code, code)
    assert.match(result.errors, words)
    assert.doesNotMatch(result.errors, /\n {4}at /)
    assert.deepEqual(await storedKeys(auth.db), before)
    assert.deepEqual(await keyEvents(auth.db), [])
  }

  it("shows the keys and their states", async () => {
    const { code, output } = await runKeys(auth.db, ["list"])
    assert.equal(code, 0)
    const [head, key, ...others] = output.trimEnd().split("\n")
    assert.deepEqual(head?.split(/ +/), ["kid", "state", "since", "until"])
    const [kid, state, since, until] = key?.split(/ +/) ?? []
    assert.deepEqual([kid, state, until, others], [await signingKid(auth), "active", "-", []])
    assert.match(String(since), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  })

  it("refuses what it can't do, in one line, and changes nothing", async () => {
    const KEY_ENCRYPTION_SECRET = "quite-another-secret-0123456789abc"
    // R12: a key sealed with another secret would be one that no process can use.
    await assertRefused(["rotate"], { KEY_ENCRYPTION_SECRET }, /^KEY_ENCRYPTION_SECRET is not the one that/)
    await assertRefused(["revoke", "-no-such-key"], {}, /^There is no published key -no-such-key/)
    await assertRefused(["revoke"], {}, /^usage: npm run keys/, 2)
    await assertRefused(
      ["list"],
      { DATABASE_URL: "postgres://x@127.0.0.1:1/x" },
      /^The database of DATABASE_URL/,
    )
  })

  it("refuses settings under which valid tokens would be refused", () => {
    const faulty = { KEY_MODULUS_BITS: "1024", KEY_PUBLISH_SECONDS: "330", KEY_RETIRE_SECONDS: "3600" }
    assert.throws(() => readKeysConfig({ ...settings(auth.db), ...faulty }), {
      name: "ConfigError",
      message: [
        "KEY_MODULUS_BITS must be 2048, 3072 or 4096",
        "KEY_PUBLISH_SECONDS must be between 360 and 604800",
        "KEY_RETIRE_SECONDS must be between 3960 and 604800",
      ].join("\n"),
    })
  })

  // R12
  it("is needed when all keys are lost: until then none is made, and processes keep theirs", async () => {
    const lost = await signingKid(auth)
    await changeKeys(auth.db, "delete from auth.signing_keys")

    const { code, output } = await runChild(settings(auth.db))
    assert.equal(code, 1)
    assert.match(
      output,
      /^auth\.signing_keys is empty, and was not before: .*`npm run keys -- rotate --now`/m,
    )
    assert.deepEqual(await storedKeys(auth.db), [])
    assert.equal(await signingKid(auth), lost)
    assert.deepEqual(await publishedKids(auth), [lost])

    assert.equal((await runKeys(auth.db, ["rotate", "--now"])).code, 0)
    const [made] = await storedKeys(auth.db)
    await until("the new key is read", async () => (await publishedKids(auth)).join() === made?.kid)
  })
})
