import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { type LocalPostgres, migrateAll, startPostgres } from "@gatepost/local"
import { openDatabase } from "@gatepost/postgres"
import { runKeysIn } from "./support/keys.js"

describe("the command for the signing keys beside `npm start`", () => {
  let folder: string
  let postgres: LocalPostgres
  const env = () => ({ PATH: String(process.env.PATH), DATA_DIR: folder })

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "gatepost-keys-"))
  })
  after(async () => {
    await postgres.stop("immediate")
    rmSync(folder, { recursive: true, force: true })
  })

  it("says so when Gatepost does not run", async () => {
    const { code, errors } = await runKeysIn(env(), ["list"])
    assert.equal(code, 1)
    assert.match(errors, /^Gatepost does not run in .*: start it, or set DATABASE_URL/)
  })

  it("finds the built-in database and the secrets by itself", async () => {
    postgres = await startPostgres({ dir: path.join(folder, "postgres"), settings: { fsync: "off" } })
    await createDatabase(postgres.url("postgres"), "gatepost")
    await migrateAll(postgres.url("gatepost"))

    const { code, output, errors } = await runKeysIn(env(), ["rotate"])
    assert.equal(code, 0, errors)
    assert.match(output, /^Key .{43} signs from now on/)
  })
})

async function createDatabase(url: string, name: string): Promise<void> {
  const { db, close } = openDatabase({ url, applicationName: "test", poolSize: 1 })
  await db.raw(`create database ${name}`)
  await close()
}
