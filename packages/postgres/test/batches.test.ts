import assert from "node:assert/strict"
import { type Database, deleteInBatches } from "@gatepost/postgres"
import { type TestDatabase, testDatabase } from "@gatepost/testkit"
import { open } from "./support/open.js"

describe("a delete in batches", () => {
  let db: TestDatabase
  let pool: Database

  before(async () => {
    db = await testDatabase()
    pool = open(db.url)
    await db.query("create table old_things (id int primary key, is_over boolean not null)")
  })
  after(async () => {
    await pool.close()
    await db.drop()
  })

  it("deletes all that the condition names, and leaves what somebody holds for the next time", async () => {
    await db.query("insert into old_things select id, id > 10 from generate_series(1, 3510) id")
    await db.database.transaction(async (trx) => {
      await trx.raw("select from old_things where id in (5, 500, 3000) for update")
      assert.equal(await deleteInBatches(pool.db, "old_things", "is_over"), 3498)
    })
    assert.equal(await deleteInBatches(pool.db, "old_things", "is_over"), 2)
    const left = await db.query<{ id: number }>("select id from old_things order by id")
    assert.deepEqual(
      left.map(({ id }) => id),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    )
  })

  it("deletes nothing else from a table with partitions, whose rows share their places", async () => {
    await db.query(
      "create table parted (id int primary key, is_over boolean not null) partition by hash (id)",
    )
    for (const part of [0, 1, 2])
      await db.query(
        `create table parted_${part} partition of parted for values with (modulus 3, remainder ${part})`,
      )
    await db.query("insert into parted select id, id % 2 = 0 from generate_series(1, 5000) id")
    assert.equal(await deleteInBatches(pool.db, "parted", "is_over"), 2_500)
    const [left] = await db.query("select count(*)::int as count, bool_or(is_over) as over from parted")
    assert.deepEqual(left, { count: 2_500, over: false })
  })
})
