import assert from "node:assert/strict"
import { type TestDatabase, testDatabase, until } from "@gatepost/testkit"
import { type Folder, makeFolder, runUsers, startUsers, transferEvents } from "./support/users.js"

const COUNT = 60_000
const HASH = "$2b$12$abcdefghijklmnopqrstue5ZNTgbCkkVTzSPZVbYlEjzWvMMfDgyS"

describe("an import of users that is cut short", () => {
  let db: TestDatabase
  let folder: Folder
  let file: string

  before(() => {
    folder = makeFolder()
    // Each tenth without an external id: then the address alone tells who it is.
    const people = Array.from({ length: COUNT }, (_, index) => ({
      email: `person${index}@example.com`,
      password_hash: HASH,
      external_id: index % 10 === 0 ? undefined : `x${index}`,
    }))
    file = folder.write("people.ndjson", people)
  })
  after(() => folder.remove())
  beforeEach(async () => {
    db = await testDatabase()
  })
  afterEach(() => db.drop())

  async function count(): Promise<number> {
    const [row] = await db.query<{ count: number }>("select count(*)::integer as count from auth.accounts")
    return row?.count ?? 0
  }

  /** The people, and how many were added as the audit has it. */
  async function assertAllAreHereOnce(): Promise<void> {
    assert.equal(await count(), COUNT)
    const added = (await transferEvents(db)).map(({ detail }) => Number(detail.added))
    assert.equal(
      added.reduce((sum, some) => sum + some, 0),
      COUNT,
    )
  }

  it("goes on where it was when run again, after a kill -9", async () => {
    const { child, result } = startUsers(db, ["import", file])
    await until("the first are here", async () => (await count()) > 0)
    child.kill("SIGKILL")
    await result
    const sofar = await count()
    assert.ok(sofar > 0 && sofar < COUNT, `${sofar} had come in`)

    const again = await runUsers(db, ["import", file])
    assert.equal(again.code, 0, again.errors)
    const words = `${(COUNT - sofar).toLocaleString("en")} people added; ${sofar.toLocaleString("en")} were here already`
    assert.ok(again.output.startsWith(words), again.output)
    await assertAllAreHereOnce()
  })

  it("ends after what is under way on Ctrl-C, and says so", async () => {
    const { child, result } = startUsers(db, ["import", file])
    await until("the first are here", async () => (await count()) > 0)
    child.kill("SIGINT")
    const { code, output } = await result
    assert.equal(code, 130)
    const [, line] = /^Interrupted after line (\d+): run this again, and it goes on\.$/m.exec(output) ?? []
    assert.equal(await count(), Number(line))
    assert.ok(Number(line) < COUNT)

    assert.equal((await runUsers(db, ["import", file])).code, 0)
    await assertAllAreHereOnce()
  })

  it("may also be run twice at once", async () => {
    const runs = await Promise.all([1, 2].map(() => runUsers(db, ["import", file])))
    for (const { code, errors } of runs) assert.equal(code, 0, errors)
    await assertAllAreHereOnce()
  })
})
