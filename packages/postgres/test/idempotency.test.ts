import assert from "node:assert/strict"
import { createIdempotency, type Database } from "@gatepost/postgres"
import { createSealer, sha256 } from "@gatepost/runtime"
import { race, type TestDatabase, testDatabase } from "@gatepost/testkit"
import { open } from "./support/open.js"

const sealer = createSealer("a secret of the tests, long enough", "answers")

describe("idempotency keys", () => {
  let db: TestDatabase
  let pools: Database[]

  before(async () => {
    db = await testDatabase()
    pools = [open(db.url), open(db.url)]
  })
  after(async () => {
    for (const pool of pools) await pool.close()
    await db.drop()
  })

  let number = 0
  const newKey = () => ({ scope: "tests", key: `key ${++number}`, fingerprint: sha256("body") })
  const idempotency = (index = 0, ttlSeconds = 60) =>
    createIdempotency({ database: pools[index % 2] as Database, schema: "auth", ttlSeconds, sealer })
  const done = (result: unknown) => ({ kind: "done", result })

  it("do the work once, of 16 parallel uses on two pools, and give all its answer", async () => {
    const key = newKey()
    let calls = 0
    const outcomes = await race(16, (index) =>
      idempotency(index).run(key, async (trx) => {
        await trx.raw("select pg_sleep(0.02)")
        return { call: ++calls, text: "ü", list: [1, null] }
      }),
    )
    assert.equal(calls, 1)
    for (const outcome of outcomes) assert.deepEqual(outcome, done({ call: 1, text: "ü", list: [1, null] }))
  })

  it("keep nothing of work that failed, so that of 16 one after the other may try", async () => {
    const key = newKey()
    let calls = 0
    const outcomes = await race(16, (index) =>
      idempotency(index)
        .run(key, async () => {
          if (++calls < 4) throw new Error("not yet")
          return calls
        })
        .catch((error: Error) => error.message),
    )
    assert.equal(outcomes.filter((outcome) => outcome === "not yet").length, 3)
    assert.equal(calls, 4)
    assert.deepEqual(await idempotency().run(key, async () => 99), done(4))
  })

  it("refuse another body, and do nothing", async () => {
    const key = newKey()
    await idempotency().run(key, async () => "first")
    const outcome = await idempotency().run({ ...key, fingerprint: sha256("other") }, () => assert.fail())
    assert.deepEqual(outcome, { kind: "mismatch" })
  })

  it("are apart by their scope, and no key is no key", async () => {
    const key = newKey()
    assert.deepEqual(await idempotency().run(key, async () => 1), done(1))
    assert.deepEqual(await idempotency().run({ ...key, scope: "others" }, async () => 2), done(2))
    for (const result of [3, 4])
      assert.deepEqual(await idempotency().run(undefined, async () => result), done(result))
  })

  it("are over after their time, and swept then", async () => {
    const [old, young] = [newKey(), newKey()]
    await idempotency().run(old, async () => "old")
    await db.elapse(61)
    await idempotency().run(young, async () => "young")
    assert.deepEqual(await idempotency().run(old, async () => "new"), done("new"))

    await db.elapse(59)
    await idempotency().sweep()
    assert.deepEqual(await idempotency().run(young, async () => "again"), done("young"))
    await db.elapse(2)
    assert.ok((await idempotency().sweep()) >= 2)
    assert.deepEqual(await db.query("select 1 from auth.idempotency_keys"), [])
  })

  it("store answers sealed, each for its own key", async () => {
    const [first, second] = [newKey(), newKey()]
    await idempotency().run(first, async () => "a secret answer")
    await idempotency().run(second, async () => "another")
    const rows = await db.query<{ answer: Buffer }>("select answer from auth.idempotency_keys")
    for (const { answer } of rows) assert.ok(!answer.includes("secret"))

    await db.query(
      `update auth.idempotency_keys set answer = (select answer from auth.idempotency_keys where key = :from)
       where key = :to`,
      { from: first.key, to: second.key },
    )
    await assert.rejects(idempotency().run(second, async () => "x"))
  })
})
