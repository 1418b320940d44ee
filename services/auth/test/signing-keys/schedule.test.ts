import assert from "node:assert/strict"
import { pause, until } from "@gatepost/testkit"
import { register } from "../support/people.js"
import { type AuthProcess, type Bundle, setup } from "../support/setup.js"
import { changeKeys, kidOf, publishedKids, runKeys, signingKid, storedKeys } from "./support/keys.js"

const SETTINGS = { KEY_PUBLISH_SECONDS: "600", KEY_RETIRE_SECONDS: "7200" }

describe("the schedule of the signing keys", () => {
  let auth: Bundle
  let processes: AuthProcess[]
  let old: string
  let next: string

  before(async () => {
    auth = await setup(SETTINGS)
    processes = [auth, await auth.another()]
    old = await signingKid(auth)
  })
  after(() => auth.stop())

  const secondsBetween = (from: Date | undefined, to: Date | null | undefined) =>
    Math.round((Number(to) - Number(from)) / 1000)
  const untilPublished = (...kids: string[]) =>
    until(`${kids} are published`, async () => {
      const published = await Promise.all(processes.map(publishedKids))
      return published.every((each) => each.join() === kids.join())
    })

  // check 72
  it("publishes a key before it signs, and keeps the old one until its last token is dead", async () => {
    const { code, output } = await runKeys(auth.db, ["rotate"], SETTINGS)
    assert.equal(code, 0)
    assert.match(output, /^Key .{43} is published, and signs from \S+Z\.$/m)

    const [first, second] = await storedKeys(auth.db)
    assert.equal(secondsBetween(second?.created_at, second?.activates_at), 600)
    assert.equal(secondsBetween(second?.activates_at, first?.retires_at), 7200)
    assert.equal(second?.retires_at, null)
    next = String(second?.kid)
    await untilPublished(old, next)
    for (const each of processes) assert.equal(await signingKid(each), old)
  })

  it("is kept by each process alone: a key signs, and another one goes, at their moments", async () => {
    await changeKeys(
      auth.db,
      `update auth.signing_keys set
         activates_at = case kid when :next then now() + interval '600 ms' else activates_at end,
         retires_at = case kid when :old then now() + interval '1200 ms' end`,
      { next, old },
    )
    // Once they have read these moments, nobody can read anything more.
    await pause(300)
    await auth.db.database.transaction(async (trx) => {
      await trx.raw("lock table auth.signing_keys in access exclusive mode")
      for (const each of processes) {
        await until("the next key signs", async () => (await signingKid(each)) === next)
        assert.equal(kidOf((await register(each)).access_token), next)
      }
      await untilPublished(next)
    })
  })
})
