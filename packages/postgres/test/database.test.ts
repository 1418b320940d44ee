import assert from "node:assert/strict"
import { once } from "node:events"
import { type AddressInfo, createServer, type Socket } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { type Database, type Db, isUnavailable, listen, prepared } from "@gatepost/postgres"
import { createLogger } from "@gatepost/runtime"
import { race, type TestDatabase, testDatabase } from "@gatepost/testkit"
import { open } from "./support/open.js"

describe("a database", () => {
  let db: TestDatabase
  let database: Database

  before(async () => {
    db = await testDatabase()
    await db.query("create table things (id int primary key)")
    database = open(db.url)
  })
  after(async () => {
    await database.close()
    await db.drop()
  })

  const things = async () =>
    (await db.query<{ id: number }>("select id from things order by id")).map(({ id }) => id)
  const insert = (id: number) => ({
    name: "insert-thing",
    text: "insert into things values ($1)",
    values: [id],
  })

  it("commits what a transaction returns, and undoes what one throws", async () => {
    const kept = await database.transaction(async (trx) => {
      await trx("things").insert({ id: 1 })
      return "kept"
    })
    assert.equal(kept, "kept")
    const failing = database.transaction(async (trx) => {
      await trx("things").insert({ id: 2 })
      throw new Error("no")
    })
    await assert.rejects(failing, /^Error: no$/)
    assert.deepEqual(await things(), [1])
  })

  it("runs prepared statements in the transaction they are given", async () => {
    await prepared(database.db, insert(3))
    await assert.rejects(
      database.transaction(async (trx) => {
        await prepared(trx, insert(4))
        throw new Error("no")
      }),
    )
    await database.transaction((trx) => prepared(trx, insert(5)))
    assert.deepEqual(await things(), [1, 3, 5])
    await assert.rejects(prepared(database.db, insert(5)), { code: "23505" })
    assert.deepEqual(await prepared(database.db, { name: "one", text: "select 1 as one", values: [] }), [
      { one: 1 },
    ])
  })

  it("prepares nothing behind a PgBouncer that can't", async () => {
    for (const [prepare, expected] of [
      [true, [{ name: "seen" }]],
      [false, []],
    ] as const) {
      const other = open(db.url, 1, prepare)
      await prepared(other.db, { name: "seen", text: "select 1", values: [] })
      const { rows } = await other.db.raw("select name from pg_prepared_statements where name = 'seen'")
      assert.deepEqual(rows, expected)
      await other.close()
    }
  })

  // SECURITY.md section 2, R16: nobody waits for long.
  it("bounds how long a statement, a lock and an idle transaction take", async () => {
    const settings = await Promise.all(
      ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"].map(
        async (name) => (await database.db.raw(`show ${name}`)).rows[0][name],
      ),
    )
    assert.deepEqual(settings, ["5s", "2s", "10s"])
  })

  it("gives its connections back, also from statements that fail", async () => {
    const small = open(db.url, 2)
    await race(16, (index) => prepared(small.db, insert(index % 2 ? 1 : 3)).catch(() => []))
    await race(16, () => small.transaction(async () => Promise.reject(new Error("no"))).catch(() => {}))
    await small.ping()
    await small.close()
  })

  it("lets go of a connection whose statement it no longer waits for", async () => {
    const small = open(db.url, 1)
    const impatient = async () => {
      const connection = await small.db.client.acquireConnection()
      connection.connectionParameters.query_timeout = 200
      await small.db.client.releaseConnection(connection)
    }
    const sleeping = { name: "sleep", text: "select pg_sleep(2)", values: [] }
    const ways = [(db: Db) => prepared(db, sleeping), async (db: Db) => db.raw(sleeping.text)]
    for (const sleepLong of ways) {
      await impatient()
      await assert.rejects(sleepLong(small.db), /Query read timeout$/)
      await small.ping()
      await impatient()
      await assert.rejects(small.transaction(sleepLong), isUnavailable)
      await small.ping()
    }
    await small.close()
  })

  // R4: the former primary after a failover, to which a whole pool is open.
  it("forgets every connection to a server that takes no writes, whoever was refused first", async () => {
    for (const write of [
      (small: Database, id: number) => small.db.raw("insert into things values (?)", [id]),
      (small: Database, id: number) => prepared(small.db, insert(id)),
      (small: Database, id: number) => small.transaction((trx) => prepared(trx, insert(id))),
    ]) {
      const small = open(db.url, 3)
      await race(3, () => small.db.raw("set default_transaction_read_only = on; select pg_sleep(0.1)"))
      const refusal = await write(small, 71).catch((cause: unknown) => cause)
      assert.ok(isUnavailable(refusal) && (refusal as { code?: string }).code === "25006", String(refusal))
      await race(3, (index) => write(small, 80 + index))
      await small.close()
      await db.query("delete from things where id >= 70")
    }
  })

  it("forgets every connection to a machine that is gone without a word", async () => {
    const small = open(db.url, 2)
    await race(2, () => small.db.raw("select pg_sleep(0.1)"))
    const connection = await small.db.client.acquireConnection()
    const other = await small.db.client.acquireConnection()
    connection.connectionParameters.query_timeout = 100
    other.connectionParameters.query_timeout = 100
    await small.db.client.releaseConnection(connection)
    await small.db.client.releaseConnection(other)
    await assert.rejects(Promise.resolve(small.db.raw("select pg_sleep(2)")), isUnavailable)
    const pids = [connection.processID, other.processID]
    const { rows } = await small.db.raw("select pg_backend_pid() as pid")
    assert.ok(!pids.includes(rows[0].pid))
    await small.close()
  })

  // R3: a pool that met an outage has no use for its dead connections.
  it("works again after every connection was cut", async () => {
    await race(8, () => database.ping())
    await db.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'postgres tests' and datname = current_database()",
    )
    await sleep(50)
    await race(8, () => database.ping())
  })

  it("wakes whoever listens, and again after the connection was lost", async () => {
    let wakes = 0
    let woken = () => {}
    const next = () =>
      new Promise<void>((resolve) => {
        woken = resolve
      })
    const wake = () => {
      wakes++
      woken()
    }
    let wakeup = next()
    const lines: string[] = []
    const logger = createLogger("test", "warn", { write: (line: string) => void lines.push(line) })
    const listener = listen(db.url, "things", wake, logger)
    await wakeup

    wakeup = next()
    await db.query("notify things")
    await wakeup
    assert.equal(wakes, 2)

    wakeup = next()
    await db.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'listen things'",
    )
    await wakeup
    wakeup = next()
    await db.query("notify things")
    await wakeup
    await listener.close()
    assert.match(lines.join(""), /the listening connection failed/)
  })

  it("gives up on listening to a database that does not answer, says so, and can be closed", async () => {
    const sockets: Socket[] = []
    const mute = createServer((socket) => void sockets.push(socket)).listen(0, "127.0.0.1")
    await once(mute, "listening")
    const { port } = mute.address() as AddressInfo
    let say = (_line: string) => {}
    const warning = new Promise<string>((resolve) => {
      say = resolve
    })
    const logger = createLogger("test", "warn", { write: (line: string) => say(line) })
    const listener = listen(`postgres://nobody@127.0.0.1:${port}/none`, "things", () => {}, logger)
    assert.match(await warning, /listening failed; polling goes on/)
    await listener.close()
    for (const socket of sockets) socket.destroy()
    mute.close()
  })
})
