import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { testDatabase } from "@gatepost/testkit"
import { readConfig } from "#src/config.js"
import { wire } from "#src/wiring.js"
import { logOut, refresh, register } from "./support/people.js"
import { type Bundle, settings, setup } from "./support/setup.js"

const SCRIPT = readFileSync(new URL("../partition-refresh-tokens.sql", import.meta.url), "utf8")

describe("refresh tokens in partitions", () => {
  let auth: Bundle
  before(async () => {
    auth = await setup()
  })
  after(() => auth.stop())

  it("are what they were: they rotate, a thief is known by them, and sweeps delete those that are over alone", async () => {
    const [first, other] = [await register(auth), await register(auth)]
    const { body: second } = await refresh(auth, first.refresh_token).expect(200)
    await auth.db.query(SCRIPT)
    const { body: third } = await refresh(auth, second.refresh_token).expect(200)
    await refresh(auth, third.refresh_token).expect(200)
    const many = 200
    await auth.db.query(
      `insert into auth.refresh_tokens (token_hash, session_id, expires_at)
       select sha256(n::text::bytea), s.id, case when n % 2 = 0 then now() - interval '2 days' else now() + interval '2 days' end
       from generate_series(1, ${many}) n cross join (select id from auth.sessions limit 1) s`,
    )
    const parts = await wire(readConfig(settings(auth.db)))
    await parts.housekeeping.sweeps.sessions?.()
    await parts.close()
    const [kept] = await auth.db.query<{ count: number; parts: number }>(
      "select count(*)::int as count, count(distinct tableoid)::int as parts from auth.refresh_tokens",
    )
    // Beside half of those that were put in: four of one person, and one of the other.
    assert.deepEqual(kept, { count: many / 2 + 5, parts: 16 })
    assert.equal((await refresh(auth, second.refresh_token).expect(401)).body.code, "session.refresh-invalid")
    await logOut(auth, other.access_token).expect(200)
    await refresh(auth, other.refresh_token).expect(401)
  })

  it("are made of an empty table as well", async () => {
    const db = await testDatabase()
    await db.query(SCRIPT)
    await db.drop()
  })
})
