import assert from "node:assert/strict"
import { type Database, openDatabase } from "@gatepost/postgres"
import { type TestDatabase, testDatabase } from "@gatepost/testkit"

const DENIED = { code: "42501" }

describe("what the service's database role may do", () => {
  let db: TestDatabase
  let service: Database

  before(async () => {
    db = await testDatabase()
    service = openDatabase({
      url: db.urlOf("gatepost_auth"),
      applicationName: "role",
      poolSize: 1,
    })
  })
  after(async () => {
    await service.close()
    await db.drop()
  })

  const run = (sql: string) => service.db.raw(sql).then(() => undefined)

  // check 117
  it("adds audit events, and never changes or deletes one", async () => {
    await run("insert into auth.audit_events (event, outcome) values ('account.registered', 'success')")
    await assert.rejects(run("update auth.audit_events set outcome = 'failure'"), DENIED)
    await assert.rejects(run("delete from auth.audit_events"), DENIED)
    await assert.rejects(run("truncate auth.audit_events"), DENIED)
    const [row] = await db.query("select outcome from auth.audit_events")
    assert.deepEqual(row, { outcome: "success" })
  })

  // check 121
  it("has no DDL", async () => {
    for (const statement of [
      "create table auth.more (id int)",
      "create table public.more (id int)",
      "create schema more",
      "alter table auth.accounts add column admin boolean",
      "drop table auth.accounts",
      "create index on auth.accounts (name)",
      "create function auth.more() returns int language sql as 'select 1'",
      "create role more",
      "alter role gatepost_auth superuser",
    ]) {
      await assert.rejects(run(statement), DENIED, statement)
    }
  })

  it("makes up no logout: they come from the ends of sessions alone", async () => {
    const made = "insert into auth.backchannel_logouts (client_id, account_id, session_id) values ('web', "
    await assert.rejects(run(`${made} gen_random_uuid(), gen_random_uuid())`), DENIED)
    await assert.rejects(run("alter table auth.sessions disable trigger sessions_logged_out"), DENIED)
    await assert.rejects(run("select auth.record_backchannel_logout()"), DENIED)
  })

  // DESIGN.md D16
  it("sees no other service's schema, and writes mails without reading them", async () => {
    for (const statement of [
      "select * from notifications.notifications",
      "insert into notifications.inboxes values (gen_random_uuid())",
      "select * from mail.messages",
      "update mail.messages set state = 'sent'",
      "delete from mail.messages",
    ]) {
      await assert.rejects(run(statement), DENIED, statement)
    }
  })
})
