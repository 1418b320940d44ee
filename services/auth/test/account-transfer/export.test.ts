import assert from "node:assert/strict"
import { statSync } from "node:fs"
import { type TestDatabase, testDatabase } from "@gatepost/testkit"
import { hashSync } from "bcryptjs"
import { logIn, PASSWORD, register } from "../support/people.js"
import { type Bundle, setup, startProcess } from "../support/setup.js"
import { type Folder, makeFolder, runUsers, storedAccounts, transferEvents } from "./support/users.js"

describe("an export of users", () => {
  let auth: Bundle
  let folder: Folder
  let other: TestDatabase

  before(async () => {
    auth = await setup()
    other = await testDatabase()
    folder = makeFolder()
    await register(auth, "registered@example.com", "Zoë „Zed“ O’Neil")
    const people = [
      {
        email: "imported@example.com",
        password_hash: hashSync(PASSWORD, 4),
        external_id: "x-1",
        locale: "de",
        profiles: { introgy: { bio: "a “quoted” text", age: 36 }, movr: { city: "Oslo" } },
        email_verified: true,
        created_at: "2018-05-05T05:05:05.123456Z",
      },
      { email: "disabled@example.com", is_active: false },
    ]
    await runUsers(auth.db, ["import", folder.write("people.ndjson", people)])
  })
  after(async () => {
    folder.remove()
    await other.drop()
    await auth.stop()
  })

  it("has everybody in the form that an import reads, without their hashes", async () => {
    const { code, output, errors } = await runUsers(auth.db, ["export"])
    assert.equal(code, 0)
    assert.equal(errors, "3 people exported.\n")
    const people = output
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
    const stored = await storedAccounts(auth.db)
    const idOf = (email: string) => stored.find((account) => account.email === email)?.id
    assert.deepEqual(people[0], {
      id: idOf("imported@example.com"),
      external_id: "x-1",
      email: "imported@example.com",
      locale: "de",
      email_verified: true,
      is_active: true,
      created_at: "2018-05-05T05:05:05.123456Z",
      profiles: { introgy: { bio: "a “quoted” text", age: 36 }, movr: { city: "Oslo" } },
    })
    assert.deepEqual(people.map(({ is_active }) => is_active).sort(), [false, true, true])
    assert.doesNotMatch(output, /\$2b\$|argon2|password/)
    assert.deepEqual((await transferEvents(auth.db)).at(-1), {
      event: "accounts.exported",
      outcome: "success",
      detail: { with_password_hashes: false },
    })
  })

  it("makes the same people of an empty database, with the ids and passwords they had", async () => {
    const file = folder.path("all.ndjson")
    const exported = await runUsers(auth.db, ["export", file, "--with-password-hashes"])
    assert.equal(exported.code, 0, exported.errors)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.deepEqual((await transferEvents(auth.db)).at(-1)?.detail, { with_password_hashes: true })

    assert.match((await runUsers(other, ["import", file])).output, /^3 people added/)
    const withoutTimesOfItsOwn = async (db: TestDatabase) =>
      (await storedAccounts(db)).map(({ email_verified_at, disabled_at, imported_at, ...same }) => ({
        ...same,
        isVerified: email_verified_at !== null,
        isDisabled: disabled_at !== null,
      }))
    assert.deepEqual(await withoutTimesOfItsOwn(other), await withoutTimesOfItsOwn(auth.db))
    const second = await runUsers(other, ["export", folder.path("again.ndjson"), "--with-password-hashes"])
    assert.equal(second.code, 0)
    assert.equal(folder.read("again.ndjson"), folder.read("all.ndjson"))

    const moved = await startProcess(other)
    try {
      await logIn(moved, "registered@example.com").expect(200)
      await logIn(moved, "imported@example.com").expect(200)
      await logIn(moved, "disabled@example.com").expect(401)
    } finally {
      await moved.stop()
    }
  })

  it("is recognised by the database it came from", async () => {
    const file = folder.path("own.ndjson")
    await runUsers(auth.db, ["export", file])
    const { code, output } = await runUsers(auth.db, ["import", file])
    assert.equal(code, 0)
    assert.match(output, /^0 people added; 3 were here already; 0 lines refused\./)
  })

  it("is not there under its name before it is complete", async () => {
    const { code, errors } = await runUsers(auth.db, ["export", folder.path("no/such/folder.ndjson")])
    assert.equal(code, 1)
    assert.match(errors, /^The export can't be written: ENOENT.*\n$/)
  })
})
