import assert from "node:assert/strict"
import { race, type TestDatabase, testDatabase } from "@gatepost/testkit"
import { keyEvents, runKeys, storedKeys } from "./support/keys.js"
import { type OpenRotation, openRotation } from "./support/rotation.js"

describe("a change of the signing keys", () => {
  let db: TestDatabase
  let rotation: OpenRotation
  let old: string

  beforeEach(async () => {
    db = await testDatabase()
    rotation = openRotation(db)
    await rotation.ensureFirstKey()
    old = String((await storedKeys(db))[0]?.kid)
  })
  afterEach(async () => {
    await rotation.close()
    await db.drop()
  })

  const rotate = (immediately = false) => rotation.rotate({ immediately, trigger: "command" })
  const count = async () => (await storedKeys(db)).length

  it("makes no second next key; that one signs when it must be now", async () => {
    assert.equal((await rotate()).kind, "published")
    assert.equal((await rotate()).kind, "waiting")
    const { code, output } = await runKeys(db, ["rotate", "--now"])
    assert.equal(code, 0)
    assert.match(output, /^Key .{43} signs from now on\. A verifier that does not know it/)

    const [first, next, ...others] = await storedKeys(db)
    assert.deepEqual(others, [])
    assert.equal(Number(first?.retires_at) - Number(next?.activates_at), 86_400_000)
  })

  it("goes on with the present key when the next one is revoked", async () => {
    await rotate()
    const next = (await storedKeys(db))[1]?.kid
    assert.deepEqual(await rotation.revoke(String(next)), { kind: "revoked", successor: undefined })

    const [first, second, ...others] = await storedKeys(db)
    assert.deepEqual([first?.retires_at, second?.kid, others], [null, next, []])
  })

  it("goes on with the next key when the present one is revoked", async () => {
    await rotate()
    const outcome = await rotation.revoke(old)

    const [first, next, ...others] = await storedKeys(db)
    assert.deepEqual([outcome, others], [{ kind: "revoked", successor: next?.kid }, []])
    assert.ok(first?.retires_at && next && next.activates_at >= first.retires_at)
    assert.deepEqual([first.sealed, next.retires_at], [null, null])
  })

  it("keeps what an earlier key signed when the present one is revoked", async () => {
    await rotate(true)
    const [first, present] = await storedKeys(db)
    await rotation.revoke(String(present?.kid))
    assert.deepEqual((await storedKeys(db))[0], first)
  })

  it("leaves a key that is gone without its private half", async () => {
    await rotate(true)
    await db.elapse(86_401)
    assert.equal(await rotation.sweep(), 1)

    const isErased = (await storedKeys(db)).map(({ sealed }) => sealed === null)
    assert.deepEqual(isErased, [true, false])
    assert.match((await runKeys(db, ["list"])).output, new RegExp(`^${old} +gone `, "m"))
    assert.deepEqual(await rotation.revoke(old), { kind: "unknown" })
  })

  it("makes keys of the size that is set", async () => {
    await runKeys(db, ["rotate"], { KEY_MODULUS_BITS: "3072" })
    const rows = await db.query<{ n: string }>(
      "select public_jwk->>'n' as n from auth.signing_keys order by number",
    )
    const bits = rows.map(({ n }) => Buffer.from(n, "base64url").length * 8)
    assert.deepEqual(bits, [1024, 3072])
  })

  it("publishes no more keys than verifiers read", async () => {
    let outcome = await rotate(true)
    while (outcome.kind === "activated") outcome = await rotate(true)
    assert.deepEqual(outcome, { kind: "too-many", limit: 20 })
    assert.equal(await count(), 20)
  })

  for (const immediately of [false, true]) {
    it(`is one of 16 rotations ${immediately ? "at once" : "by the schedule"} in the same moment`, async () => {
      const outcomes = await raceOf(({ rotate }) => rotate({ immediately, trigger: "command" }))

      const done = outcomes.filter(({ kind }) => kind === "published" || kind === "activated")
      assert.equal(done.length, 1)
      assert.deepEqual([await count(), (await keyEvents(db)).length], [2, 1])
    })
  }

  it("is one of 16 revocations in the same moment", async () => {
    const outcomes = await raceOf(({ revoke }) => revoke(old))

    assert.equal(outcomes.filter(({ kind }) => kind === "revoked").length, 1)
    assert.deepEqual([await count(), (await keyEvents(db)).length], [2, 1])
  })

  it("is one of two commands in the same moment", async () => {
    for (const { code } of await race(2, () => runKeys(db, ["rotate"]))) assert.equal(code, 0)
    assert.deepEqual([await count(), (await keyEvents(db)).length], [2, 1])
  })

  /** Each caller has a connection of its own, as a process has, open before the start. */
  async function raceOf<Outcome>(change: (rotation: OpenRotation) => Promise<Outcome>) {
    const rotations = Array.from({ length: 16 }, () => openRotation(db))
    try {
      for (const { list } of rotations) await list()
      return await race(rotations.length, (index) => change(rotations[index] as OpenRotation))
    } finally {
      for (const { close } of rotations) await close()
    }
  }
})
