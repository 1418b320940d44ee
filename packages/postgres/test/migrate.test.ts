import assert from "node:assert/strict"
import { fork } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { migrate } from "@gatepost/postgres"
import { race, type TestDatabase, testDatabase } from "@gatepost/testkit"
import pg from "pg"

const MIGRATOR = fileURLToPath(new URL("./fixtures/migrator.js", import.meta.url))
const SCHEMA = { schema: "shop", role: "gatepost_shop_test" }

// R13, M14
describe("migrations", () => {
  let db: TestDatabase
  let directory: string

  beforeEach(async () => {
    db = await testDatabase()
    directory = mkdtempSync(path.join(tmpdir(), "gatepost-migrations-"))
    write("0001_orders", "create table shop.orders (id int primary key)", "drop table shop.orders")
    write("0002_items", "create table shop.items (id int primary key)", "drop table shop.items")
  })
  afterEach(async () => {
    await db.query("drop owned by gatepost_shop_test; drop role gatepost_shop_test")
    await db.drop()
    rmSync(directory, { recursive: true, force: true })
  })

  function write(name: string, up: string, down = "select 1"): void {
    writeFileSync(path.join(directory, `${name}.up.sql`), up)
    writeFileSync(path.join(directory, `${name}.down.sql`), down)
  }
  const run = (to?: "newest" | "empty") => migrate({ url: db.url, directory, ...SCHEMA }, to)
  const connect = async () => {
    const client = new pg.Client({ connectionString: db.url })
    await client.connect()
    return client
  }
  const tables = async () => {
    const rows = await db.query<{ name: string }>(
      "select table_name as name from information_schema.tables where table_schema = 'shop' and table_name not like 'schema_%' order by 1",
    )
    return rows.map(({ name }) => name)
  }

  it("are applied in order, once, and taken back in the other order", async () => {
    assert.deepEqual(await run(), { applied: ["0001_orders", "0002_items"] })
    assert.deepEqual(await run(), { applied: [] })
    write("0003_more", "create table shop.more (id int)", "drop table shop.more")
    assert.deepEqual(await run(), { applied: ["0003_more"] })
    assert.deepEqual(await tables(), ["items", "more", "orders"])
    assert.deepEqual(await run("empty"), { applied: ["0003_more", "0002_items", "0001_orders"] })
    assert.deepEqual(await tables(), [])
    assert.deepEqual((await run()).applied.length, 3)
  })

  it("are applied once by eight migrators at the same time", async () => {
    write("0003_slow", "create table shop.slow (id int); select pg_sleep(0.2)")
    const outcomes = await race(8, () => run())
    assert.deepEqual(outcomes.flatMap(({ applied }) => applied).sort(), [
      "0001_orders",
      "0002_items",
      "0003_slow",
    ])
  })

  it("that fail leave nothing behind, and are tried again once they are mended", async () => {
    write("0003_broken", "create table shop.half (id int); select nonsense from nowhere")
    await assert.rejects(run(), /nowhere/)
    assert.ok(!(await tables()).includes("half"))
    write("0003_broken", "create table shop.whole (id int)")
    assert.ok((await run()).applied.includes("0003_broken"))
    assert.ok((await tables()).includes("whole"))
  })

  it("whose migrator was killed in the middle need nobody's help", async () => {
    await run()
    write("0003_slow", "create table shop.slow (id int); select pg_sleep(1)")
    const child = fork(MIGRATOR, [db.url, directory], { stdio: "ignore" })
    const exited = once(child, "exit")
    for (;;) {
      const sleeping = await db.query(
        "select 1 from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'",
      )
      if (sleeping.length > 0) break
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    child.kill("SIGKILL")
    await exited

    assert.deepEqual(await run(), { applied: ["0003_slow"] })
    assert.deepEqual(await tables(), ["items", "orders", "slow"])
    assert.deepEqual(await run(), { applied: [] })
  })

  it("that wait for a long reader let everybody else through meanwhile", async () => {
    await run()
    write("0003_column", "alter table shop.orders add column total int", "select 1")
    const reader = await connect()
    const other = await connect()
    await reader.query("begin; select 1 from shop.orders")
    // What the services wait for a lock.
    await other.query("set lock_timeout = '2s'")

    const migrating = run()
    for (const end = Date.now() + 4_000; Date.now() < end; ) await other.query("select 1 from shop.orders")
    await reader.query("commit")

    assert.deepEqual(await migrating, { applied: ["0003_column"] })
    await Promise.all([reader.end(), other.end()])
  })

  // R13: whoever wants the table meanwhile waits behind the migration, and so not for long.
  it("give way to a long transaction, and are done when it ends", async () => {
    await run()
    write("0003_wait", "alter table shop.orders add column note text")
    const reader = new pg.Client({ connectionString: db.url })
    await reader.connect()
    await reader.query("begin; select * from shop.orders")
    const migrated = run()
    const seen = { waits: 0, others: 0, longestMs: 0 }
    for (
      const end = Date.now() + 4_500;
      Date.now() < end;
      await new Promise((resolve) => setTimeout(resolve, 100))
    ) {
      const [waiting] = await db.query<{ ms: number | null }>(
        `select extract(epoch from max(now() - query_start))::float8 * 1000 as ms from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock' and query like '%add column note%'`,
      )
      seen.longestMs = Math.max(seen.longestMs, waiting?.ms ?? 0)
      if (waiting?.ms == null) await db.query("select * from shop.orders").then(() => seen.others++)
      else seen.waits++
    }
    await reader.query("commit")
    await reader.end()
    assert.deepEqual(await migrated, { applied: ["0003_wait"] })
    assert.ok(seen.waits > 0 && seen.others > 0, JSON.stringify(seen))
    assert.ok(seen.longestMs < 4_000, JSON.stringify(seen))
  })

  it("give the service's role the use of its schema, and no login", async () => {
    await run()
    const [role] = await db.query(
      `select rolcanlogin as login, rolsuper as super, has_schema_privilege(rolname, 'shop', 'usage') as usage,
         has_schema_privilege(rolname, 'shop', 'create') as create
       from pg_roles where rolname = 'gatepost_shop_test'`,
    )
    assert.deepEqual(role, { login: false, super: false, usage: true, create: false })
  })

  it("of a newer version are no concern of an older one's", async () => {
    write("0003_newer", "create table shop.newer (id int)", "drop table shop.newer")
    await run()
    rmSync(path.join(directory, "0003_newer.up.sql"))
    rmSync(path.join(directory, "0003_newer.down.sql"))
    assert.deepEqual(await run(), { applied: [] })
  })
})
