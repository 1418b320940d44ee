import assert from "node:assert/strict"
import { register } from "../support/people.js"
import { type AuthProcess, type Bundle, setup } from "../support/setup.js"
import { changeKeys, kidOf, publishedKids, runKeys, signingKid, storedKeys } from "./support/keys.js"
import { type OpenRotation, openRotation } from "./support/rotation.js"
import { pause, until } from "./support/until.js"

const SETTINGS = { KEY_PUBLISH_SECONDS: "600", KEY_RETIRE_SECONDS: "7200" }

describe("the schedule of the signing keys", () => {
  let auth: Bundle
  let processes: AuthProcess[]
  let old: string

  let rotation: OpenRotation

  const rotate = (immediately = false) => rotation.rotate({ immediately, trigger: "command" })

  beforeEach(async () => {
    auth = await setup()
    rotation = openRotation(auth.db, { publishSeconds: 600, retireSeconds: 7_200 })
    processes = [auth, await auth.another()]
    old = await signingKid(auth)
  })
  afterEach(async () => {
    await rotation.close()
    await auth.stop()
  })

  const secondsBetween = (from: Date | undefined, to: Date | null | undefined) =>
    Math.round((Number(to) - Number(from)) / 1000)
  const untilPublished = (...kids: (string | undefined)[]) =>
    until(`${kids} are published`, async () => {
      const published = await Promise.all(processes.map(publishedKids))
      return published.every((each) => each.join() === kids.join())
    })

  // check 72
  it("publishes a key before it signs, and keeps the old one until its last token is dead", async () => {
    const { code, output } = await runKeys(auth.db, ["rotate"], SETTINGS)
    assert.equal(code, 0)
    assert.match(output, /^Key .{43} is published, and signs from \S+Z\.$/m)

    const [first, next] = await storedKeys(auth.db)
    await untilPublished(old, next?.kid)
    for (const each of processes) assert.equal(await signingKid(each), old)
    assert.equal(secondsBetween(next?.created_at, next?.activates_at), 600)
    assert.equal(secondsBetween(next?.activates_at, first?.retires_at), 7200)
    assert.equal(next?.retires_at, null)
  })

  it("is kept by each process alone: a key signs, and another one goes, at their moments", async () => {
    await rotate()
    const next = (await storedKeys(auth.db))[1]?.kid
    await untilPublished(old, next)
    await changeKeys(
      auth.db,
      `update auth.signing_keys set
         activates_at = case kid when :next then now() + interval '1 second' else activates_at end,
         retires_at = case kid when :old then now() + interval '2 seconds' end`,
      { next: String(next), old },
    )
    for (const each of processes) assert.equal(await signingKid(each), old)

    // Once they have read these moments, nobody can read anything more.
    await pause(300)
    await auth.db.database.transaction(async (trx) => {
      await trx.raw("lock table auth.signing_keys in access exclusive mode")
      await untilPublished(next, old)
      for (const each of processes) {
        await until("the provider follows", async () => (await signingKid(each)) === next)
        assert.equal(kidOf((await register(each)).access_token), next)
      }
      await untilPublished(next)
    })
  })

  it("has one next key, however often it is asked for, and that one signs when it must be now", async () => {
    await rotate()
    assert.equal((await rotate()).kind, "waiting")
    const atOnce = await runKeys(auth.db, ["rotate", "--now"], SETTINGS)
    assert.match(atOnce.output, /^Key .{43} signs from now on\. A verifier that does not know it/)

    const [first, next, ...others] = await storedKeys(auth.db)
    assert.deepEqual(others, [])
    await untilPublished(next?.kid, old)
    assert.equal(secondsBetween(next?.activates_at, first?.retires_at), 7200)
  })

  it("goes on with the present key when the next one is revoked", async () => {
    await rotate()
    const next = (await storedKeys(auth.db))[1]?.kid
    assert.deepEqual(await rotation.revoke(String(next)), { kind: "revoked", successor: undefined })

    await untilPublished(old)
    const [first, second, ...others] = await storedKeys(auth.db)
    assert.deepEqual([first?.retires_at, second?.kid, others], [null, next, []])
  })

  it("goes on with the next key when the present one is revoked", async () => {
    await rotate()
    const outcome = await rotation.revoke(old)

    const [, next, ...others] = await storedKeys(auth.db)
    assert.deepEqual(others, [])
    assert.deepEqual(outcome, { kind: "revoked", successor: next?.kid })
    await untilPublished(next?.kid)
    for (const each of processes) assert.equal(await signingKid(each), next?.kid)
  })

  it("ends with a key that no longer has a private half", async () => {
    await rotate(true)
    await auth.db.elapse(7_201)
    assert.equal(await rotation.sweep(), 1)

    const stored = await storedKeys(auth.db)
    assert.deepEqual(
      stored.map(({ sealed }) => sealed === null),
      [true, false],
    )
    assert.match((await runKeys(auth.db, ["list"])).output, new RegExp(`^${old} +gone `, "m"))
  })

  it("makes keys of the size that is set", async () => {
    await runKeys(auth.db, ["rotate"], { KEY_MODULUS_BITS: "3072" })
    await until("both are published", async () => (await publishedKids(auth)).length === 2)
    const { body } = await auth.http.get("/.well-known/jwks.json")
    const bits = body.keys.map(({ n }: { n: string }) => Buffer.from(n, "base64url").length * 8)
    assert.deepEqual(bits, [2048, 3072])
  })
})
