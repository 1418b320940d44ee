import assert from "node:assert/strict"
import { type Database, databaseChecks } from "@gatepost/postgres"
import { type TestDatabase, testDatabase } from "@gatepost/testkit"
import { open } from "./support/open.js"

// R11
describe("of the checks of a database", () => {
  let db: TestDatabase
  let database: Database

  before(async () => {
    db = await testDatabase()
    database = open(db.url)
  })
  after(async () => {
    await database.close()
    await db.drop()
  })

  const aheadBy = (ms: number) => databaseChecks(database, () => Date.now() + ms)

  it("both hold where the clock is a little wrong", async () => {
    for (const ms of [-3_000, 0, 3_000]) {
      const checks = aheadBy(ms)
      await Promise.all([checks.database(), checks.clock()])
    }
  })

  it("the clock's fails where it is more than five seconds from PostgreSQL's, and that alone", async () => {
    for (const ms of [-90_000, 90_000]) {
      const checks = aheadBy(ms)
      await checks.database()
      await assert.rejects(checks.clock(), /this machine's clock is \d+ ms from PostgreSQL's/)
    }
  })

  it("only the database's fails where nobody can tell", async () => {
    const away = open("postgres://nobody@127.0.0.1:1/none", 1)
    const checks = databaseChecks(away)
    await assert.rejects(checks.database())
    await checks.clock()
    await away.close()
  })
})
