import assert from "node:assert/strict"
import { type LocalPostgres, migrateAll, startPostgres } from "@gatepost/local"
import { openDatabase } from "@gatepost/postgres"
import { type Folder, makeFolder, startUsersIn } from "./support/users.js"

describe("the command for users beside `npm start`", () => {
  let folder: Folder
  let postgres: LocalPostgres
  const run = (...args: string[]) =>
    startUsersIn({ PATH: String(process.env.PATH), DATA_DIR: folder.path("") }, args).result

  before(() => {
    folder = makeFolder()
  })
  after(async () => {
    await postgres.stop("immediate")
    folder.remove()
  })

  it("says so when Gatepost does not run", async () => {
    const { code, errors } = await run("export")
    assert.equal(code, 1)
    assert.match(errors, /^Gatepost does not run in .*: start it, or set DATABASE_URL/)
  })

  it("finds the built-in database by itself", async () => {
    postgres = await startPostgres({ dir: folder.path("postgres"), settings: { fsync: "off" } })
    const maintenance = openDatabase({ url: postgres.url("postgres"), applicationName: "test", poolSize: 1 })
    await maintenance.db.raw("create database gatepost")
    await maintenance.close()
    await migrateAll(postgres.url("gatepost"))

    const imported = await run("import", folder.write("people.ndjson", [{ email: "ada@example.com" }]))
    assert.match(imported.output, /^1 people added/, imported.errors)
    const { output } = await run("export")
    assert.equal(JSON.parse(output).email, "ada@example.com")
  })
})
