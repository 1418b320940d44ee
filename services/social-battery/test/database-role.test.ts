import assert from "node:assert/strict"
import { type Database, openDatabase } from "@gatepost/postgres"
import { type TestDatabase, testDatabase } from "@gatepost/testkit"

const DENIED = { code: "42501" }

describe("what the service's database role may do", () => {
  let db: TestDatabase
  let service: Database

  before(async () => {
    db = await testDatabase()
    const url = db.urlOf("gatepost_social_battery")
    service = openDatabase({ url, applicationName: "role", poolSize: 1 })
  })
  after(async () => {
    await service.close()
    await db.drop()
  })

  // check 121
  it("reads and writes its own tables, without DDL, and never changes what was recorded", async () => {
    await service.db.raw("select from social_battery.batteries, social_battery.interactions")
    for (const statement of [
      "create table social_battery.more (id int)",
      "create schema more",
      "alter table social_battery.batteries add column admin boolean",
      "drop table social_battery.interactions",
      "truncate social_battery.interactions",
      "update social_battery.interactions set level = 1",
      "delete from social_battery.interactions",
      "delete from social_battery.batteries",
      "create role more",
    ]) {
      await assert.rejects(service.db.raw(statement), DENIED, statement)
    }
  })

  // DESIGN.md D16
  it("sees no other service's schema", async () => {
    for (const statement of [
      "select * from auth.accounts",
      "select * from notifications.notifications",
      "select * from mail.messages",
      "select * from social_battery.schema_migrations",
    ]) {
      await assert.rejects(service.db.raw(statement), DENIED, statement)
    }
  })
})
