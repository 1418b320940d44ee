import assert from "node:assert/strict"
import { once } from "node:events"
import { type AddressInfo, createServer } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { type Database, isUnavailable } from "@gatepost/postgres"
import { type TestDatabase, testDatabase } from "@gatepost/testkit"
import { open } from "./support/open.js"

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => assert.fail("it did not fail"),
    (error: unknown) => error,
  )

// R3: a caller is told to come back, when and only when that helps.
describe("an error of the database", () => {
  let db: TestDatabase
  let database: Database

  before(async () => {
    db = await testDatabase()
    database = open(db.url, 2)
  })
  after(async () => {
    await database.close()
    await db.drop()
  })

  const run = (sql: string) => failureOf(Promise.resolve(database.db.raw(sql)))
  const inTransaction = (...statements: string[]) =>
    failureOf(
      database.transaction(async (trx) => {
        for (const statement of statements) await trx.raw(statement)
      }),
    )

  it("is an outage when nobody listens, or the server ends the connection", async () => {
    const away = open("postgres://nobody@127.0.0.1:1/none", 1)
    assert.ok(isUnavailable(await failureOf(away.ping())))
    await away.close()
    const cut = open(db.url, 1)
    const ended = failureOf(Promise.resolve(cut.db.raw("select pg_terminate_backend(pg_backend_pid())")))
    assert.ok(isUnavailable(await ended))
    await cut.close()
  })

  it("is an outage when the server takes connections and says nothing", async () => {
    const silent = createServer().listen(0, "127.0.0.1")
    await once(silent, "listening")
    const { port } = silent.address() as AddressInfo
    const away = open(`postgres://nobody@127.0.0.1:${port}/none`, 1)
    // Some wait for a connection of their own, some are there when another's attempt to connect ends.
    const failures = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        await sleep(index * 300)
        return failureOf(Promise.resolve(away.db.raw("select 1")))
      }),
    )
    for (const failure of failures) assert.ok(isUnavailable(failure), String(failure))
    await away.close()
    silent.close()
  })

  it("is an outage when a lock, a statement or a connection does not come in time", async () => {
    const timeout = await inTransaction("set local statement_timeout = 20", "select pg_sleep(5)")
    assert.ok(isUnavailable(timeout))

    const locked = await database.transaction(async (trx) => {
      await trx.raw("lock table auth.accounts")
      return inTransaction("set local lock_timeout = 20", "select 1 from auth.accounts")
    })
    assert.ok(isUnavailable(locked))

    const full = await database.transaction(async () => database.transaction(async () => run("select 1")))
    assert.ok(isUnavailable(full))
  })

  it("is an outage when its disk or its memory is full", async () => {
    for (const code of ["53100", "53200"]) {
      const full = await run(`do $$ begin raise exception 'no space left' using errcode = '${code}'; end $$`)
      assert.ok(isUnavailable(full), String(full))
    }
  })

  it("is an outage when the server takes no more connections, or only reads", async () => {
    await db.query("create role visitor login password 'x' connection limit 0")
    try {
      const url = new URL(db.url)
      Object.assign(url, { username: "visitor", password: "x" })
      const visitor = open(url.href, 1)
      assert.ok(isUnavailable(await failureOf(visitor.ping())))
      await visitor.close()
    } finally {
      await db.query("drop role visitor")
    }
    assert.ok(isUnavailable(await inTransaction("set transaction read only", "create table t (id int)")))
  })

  it("is a fault of ours when it would only come again", async () => {
    for (const statement of [
      "selec 1",
      "select 1 / 0",
      "select 'x'::uuid",
      "select * from nowhere",
      "select chr(0)",
    ]) {
      assert.equal(isUnavailable(await run(statement)), false, statement)
    }
    const twice = await inTransaction(
      "create table t (id int primary key) on commit drop",
      "insert into t values (1), (1)",
    )
    assert.equal(isUnavailable(twice), false)
    for (const error of [
      new Error("timeout of something else"),
      new TypeError("x"),
      undefined,
      null,
      "text",
      { code: "57P01" },
    ]) {
      assert.equal(isUnavailable(error), false)
    }
  })

  it("is looked for among the addresses of a name, and all of them count", () => {
    const refused = Object.assign(new Error("refused"), { code: "ECONNREFUSED" })
    assert.ok(isUnavailable(new AggregateError([refused, refused])))
    assert.equal(isUnavailable(new AggregateError([new Error("other")])), false)
  })
})
