import assert from "node:assert/strict"
import { fileURLToPath } from "node:url"
import { race } from "@gatepost/testkit"
import { readConfig } from "#src/config.js"
import { auditKeyOf, verifyAuditChain } from "#src/modules/audit/index.js"
import { wire } from "#src/wiring.js"
import { insertOldEvents } from "../support/old-events.js"
import { logIn, PASSWORD, register } from "../support/people.js"
import { startScript } from "../support/script.js"
import { type Bundle, SECRETS, settings, setup } from "../support/setup.js"

const SCRIPT = fileURLToPath(new URL("../../dist/audit.js", import.meta.url))
const CHANGED = 3

// check 117
describe("the chain of audit events", () => {
  let auth: Bundle
  let parts: Awaited<ReturnType<typeof wire>>

  before(async () => {
    auth = await setup()
    parts = await wire(readConfig(settings(auth.db)))
    for (let index = 0; index < 2; index++) {
      await insertOldEvents(auth.db)
      await parts.auditSealer.seal()
    }
    for (let index = 0; index < 3; index++) {
      const { user } = await register(auth)
      await logIn(auth, user.email).expect(200)
      await logIn(auth, user.email, "not the password").expect(401)
      await parts.auditSealer.seal()
    }
  })
  after(async () => {
    await parts.close()
    await auth.stop()
  })

  const verify = async (...args: string[]) => {
    const { KEY_ENCRYPTION_SECRET } = SECRETS
    const env = { DATABASE_URL: auth.db.urlOf("gatepost_auth"), KEY_ENCRYPTION_SECRET }
    const { code, output, errors } = await startScript(SCRIPT, env, ["verify", ...args]).result
    assert.equal(errors, "")
    return { code, output }
  }

  const faults = async () =>
    (await verifyAuditChain(parts.database, [auditKeyOf(SECRETS.KEY_ENCRYPTION_SECRET)])).faults

  /** What somebody with every right in the database does, seen by the verification; then it is undone. */
  async function seen(sql: string): Promise<string> {
    const found = await tampered(sql, faults)
    assert.notDeepEqual(found, [], sql)
    return found.join("\n")
  }

  async function tampered<Result>(sql: string, work: () => Promise<Result>): Promise<Result> {
    for (const table of TABLES)
      await auth.db.query(`create table kept_${table} as select * from auth.${table}`)
    await auth.db.query(sql)
    const result = await work()
    for (const table of TABLES) {
      await auth.db.query(`delete from auth.${table}`)
      await auth.db.query(`insert into auth.${table} overriding system value select * from kept_${table}`)
      await auth.db.query(`drop table kept_${table}`)
    }
    return result
  }
  const TABLES = ["audit_events", "audit_seals", "audit_head", "audit_base"]

  it("holds as it was written, and says where it ends", async () => {
    const { code, output } = await verify()
    assert.equal(code, 0, output)
    assert.match(output, /\d+ events in \d+ seals; 0 not sealed yet\. All is as it was written\./)
    const [, anchor = ""] = /newest seal is (\S+)/.exec(output) ?? []
    const other = anchor.replace(/.$/, (last) => (last === "0" ? "1" : "0"))
    assert.equal((await verify("--anchor", other)).code, CHANGED)
  })

  it("names an event that was altered, in whatever it says", async () => {
    const [{ id } = { id: "" }] = await auth.db.query<{ id: string }>(
      "select id from auth.audit_events where event = 'session.refused' order by id limit 1",
    )
    for (const change of [
      "outcome = 'success'",
      "ip = '198.51.100.1'",
      "user_agent = 'another'",
      "at = at - interval '1 microsecond'",
      "account_id = gen_random_uuid()",
      `detail = '{"made": "up"}'`,
    ]) {
      const output = await seen(`update auth.audit_events set ${change} where id = ${id}`)
      assert.match(output, new RegExp(`event ${id} was altered`), change)
    }
    const output = await seen(
      `update auth.audit_events set outcome = 'success' where id = ${id};
       update auth.audit_events e set digest = auth.audit_digest(e) where id = ${id}`,
    )
    assert.match(output, /seal 1 \(events \d+ to \d+\) is not what it was/)
  })

  it("misses events that were taken away, put in, or erased for nobody who left", async () => {
    assert.match(
      await seen("delete from auth.audit_events where seal = 4 and event = 'session.started'"),
      /seal 4 .* has/,
    )
    assert.match(await seen("delete from auth.audit_events where seal = 4"), /seal 4 .* has 0 events/)
    assert.match(
      await seen(
        "insert into auth.audit_events (event, outcome, seal) values ('email.verified', 'success', 4)",
      ),
      /seal 4 /,
    )
    const erased = await seen(
      "update auth.audit_events set salt = null, ip = null, user_agent = null where seal = 3 and event = 'session.refused'",
    )
    assert.match(erased, /was erased, though its account was not deleted/)
  })

  it("misses seals that were cut off, taken out or made without the key", async () => {
    const [{ number } = { number: 0 }] = await auth.db.query<{ number: number }>(
      "select max(number)::integer as number from auth.audit_seals",
    )
    const cut = `delete from auth.audit_events where seal = ${number}; delete from auth.audit_seals where number = ${number}`
    assert.match(await seen(cut), /its end was cut off/)
    assert.match(await seen(`${cut}; update auth.audit_head set number = number - 1`), /its end was cut off/)
    assert.match(await seen(`${cut}; delete from auth.audit_head`), /where the chain ends is gone/)
    assert.match(await seen("delete from auth.audit_seals where number = 4"), /seals were taken away/)
    assert.match(
      await seen("update auth.audit_seals set hash = sha256(hash) where number = 4"),
      /seal 4 .* is not what/,
    )
  })

  it("holds over an account that was deleted, sealed or not", async () => {
    const { user, access_token } = await register(auth)
    await parts.auditSealer.seal()
    await logIn(auth, user.email).expect(200)
    await auth.http
      .delete("/v1/users/me")
      .set("Authorization", `Bearer ${access_token}`)
      .send({ password: PASSWORD })
      .expect(202)
    await parts.auditSealer.seal()
    assert.deepEqual(await faults(), [])
  })

  it("is made by one process at a time, and holds up no request", async () => {
    const { user } = await register(auth)
    const answers = await race(16, async (index) => {
      await parts.auditSealer.seal()
      return logIn(auth, user.email, index % 2 ? PASSWORD : "not the password")
    })
    for (const { status } of answers) assert.ok([200, 401].includes(status), String(status))
    await parts.auditSealer.seal()
    assert.deepEqual(await faults(), [])
  })

  it("forgets what is older than it is to be kept, and proves the rest from there on", async () => {
    const seals = () =>
      auth.db.query<{ number: string }>("select number from auth.audit_seals order by number")
    const before = await seals()
    const { output } = await verify()
    const [, anchor = ""] = /newest seal is (\S+)/.exec(output) ?? []
    // Not by the seals' times, which nothing proves, and nothing of a chain that does not hold.
    await auth.db.query("update auth.audit_seals set sealed_at = now() - interval '500 days'")
    await tampered("update auth.audit_events set detail = '{\"x\": 1}' where seal = 1", async () => {
      await assert.rejects(async () => parts.housekeeping.sweeps.audit?.(), /the chain is not whole/)
      assert.deepEqual(await seals(), before)
    })
    await race(4, () => parts.housekeeping.sweeps.audit?.() ?? Promise.resolve())
    assert.deepEqual(await seals(), before.slice(2))
    assert.deepEqual(await auth.db.query("select from auth.audit_events where seal <= 2"), [])
    assert.deepEqual(await faults(), [])
    assert.equal((await verify("--anchor", anchor)).code, 0)

    assert.match(await seen("delete from auth.audit_base"), /seal 3 .* does not follow seal 0/)
    assert.match(
      await seen("update auth.audit_base set mac = sha256(mac)"),
      /where the chain begins was changed/,
    )
    assert.match(
      await seen("update auth.audit_base set last_at = 'infinity'"),
      /where the chain begins was changed/,
    )
    const cut =
      "delete from auth.audit_events where seal = 3; delete from auth.audit_seals where number = 3; update auth.audit_base set number = 3"
    assert.match(await seen(cut), /where the chain begins was changed/)
    assert.match(
      (await verify("--anchor", `1:${"0".repeat(64)}`)).output,
      /seal 1 was forgotten, with all up to 2/,
    )

    await parts.housekeeping.sweeps.audit?.()
    assert.deepEqual(await seals(), before.slice(2))
  })

  it("is not the service's to change", async () => {
    for (const sql of [
      "update auth.audit_seals set hash = ''",
      "delete from auth.audit_seals",
      "delete from auth.audit_head",
      "update auth.audit_base set number = 9",
    ])
      await assert.rejects(parts.database.db.raw(sql), { code: "42501" })
    const { user } = await register(auth)
    await assert.rejects(parts.database.db.raw("select auth.erase_audit_events(?)", [user.id]), /is not gone/)
    const recent = "select auth.forget_audit_seal(min(number), '') from auth.audit_seals"
    await assert.rejects(parts.database.db.raw(recent), /is to be kept/)
  })

  it("says what it does not understand", async () => {
    for (const args of [
      [],
      ["seal"],
      ["verify", "--anchor"],
      ["verify", "--anchor", "1:x"],
      ["verify", "x"],
    ]) {
      const { code, errors } = await startScript(SCRIPT, {}, args).result
      assert.equal(code, 2)
      assert.match(errors, /^usage: npm run audit/)
    }
  })
})
