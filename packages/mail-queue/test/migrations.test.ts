import assert from "node:assert/strict"
import { fileURLToPath } from "node:url"
import { migrate } from "@gatepost/postgres"
import { race, testDatabase } from "@gatepost/testkit"
import { migrateMailQueue } from "#src/index.js"

const directory = fileURLToPath(new URL("../migrations", import.meta.url))
const all = [
  "0001_messages",
  "0002_delivery",
  "0003_suppression_events",
  "0004_forgetting",
  "0005_traces",
  "0006_bounds",
  "0007_not_before",
  "0008_known_steps",
]
const owner = { schema: "mail", role: "gatepost_mail", directory }

describe("the migrations of the mail queue", () => {
  it("go down and up again, and apply nothing twice", async () => {
    const { url, query, drop } = await testDatabase()
    const left = () =>
      query(
        "select relname from pg_class where relnamespace = 'mail'::regnamespace and relname like 'messages%'",
      )

    assert.deepEqual(await migrateMailQueue({ url }), { applied: [] })
    await migrate({ ...owner, url }, "empty")
    assert.deepEqual(await left(), [])
    assert.deepEqual(await migrateMailQueue({ url }), { applied: all })
    assert.ok((await left()).length > 0)
    await drop()
  })

  it("may be run by several at once on an empty database", async () => {
    const { url, query, drop } = await testDatabase()
    await query("drop schema mail cascade")
    await query("drop schema bullmq cascade")

    const runs = await race(4, () => migrateMailQueue({ url }))
    assert.deepEqual(
      runs.flatMap((run) => run.applied),
      all,
    )
    await drop()
  })

  it("leave out BullMQ’s schema where it runs on Redis", async () => {
    const { url, query, drop } = await testDatabase()
    await query("drop schema bullmq cascade")
    await migrateMailQueue({ url, redisUrl: "redis://localhost" })
    assert.deepEqual(await query("select 1 from pg_namespace where nspname = 'bullmq'"), [])
    await drop()
  })
})
