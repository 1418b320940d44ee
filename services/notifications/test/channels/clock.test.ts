import assert from "node:assert/strict"
import { type TestDatabase, testDatabase } from "@gatepost/testkit"

describe("a person’s own clock", () => {
  let db: TestDatabase

  before(async () => {
    db = await testDatabase()
  })
  after(() => db.drop())

  const ask = async (expression: string) => {
    const [row] = await db.query<{ answer: string | null }>(
      `select to_char((${expression}) at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as answer`,
    )
    return row?.answer ?? null
  }
  const next = (after: string, zone: string, time: string) =>
    ask(`notifications.next_local_time('${after}Z', '${zone}', '${time}')`)
  const quiet = (moment: string, zone: string, from: string, until: string) =>
    ask(`notifications.quiet_until('${moment}Z', '${zone}', '${from}', '${until}')`)
  const digest = (moment: string, zone: string, every: string, time: string) =>
    ask(`notifications.digest_time('${moment}Z', '${zone}', '${every}', '${time}')`)

  it("shows a time today, or tomorrow if it is over", async () => {
    assert.equal(await next("2026-11-21 06:59", "Europe/Berlin", "08:00"), "2026-11-21 07:00")
    assert.equal(await next("2026-11-21 07:00", "Europe/Berlin", "08:00"), "2026-11-22 07:00")
    assert.equal(await next("2026-11-21 20:00", "Pacific/Auckland", "08:00"), "2026-11-22 19:00")
    assert.equal(await next("2026-11-21 12:00", "America/Los_Angeles", "03:30"), "2026-11-22 11:30")
  })

  it("may be put forward over the time, and back over it", async () => {
    // 02:30 does not exist on 29 March 2026 in Berlin, and comes twice on 25 October.
    assert.equal(await next("2026-03-28 12:00", "Europe/Berlin", "02:30"), "2026-03-29 01:30")
    assert.equal(await next("2026-10-24 12:00", "Europe/Berlin", "02:30"), "2026-10-25 01:30")
    assert.equal(await next("2026-03-28 12:00", "Europe/Berlin", "08:00"), "2026-03-29 06:00")
    assert.equal(await next("2026-10-24 12:00", "Europe/Berlin", "08:00"), "2026-10-25 07:00")
  })

  it("has quiet hours, also over midnight, whose end is not in them", async () => {
    const night = ["Europe/Berlin", "22:00", "07:00"] as const
    assert.equal(await quiet("2026-11-21 20:59", ...night), null)
    assert.equal(await quiet("2026-11-21 21:00", ...night), "2026-11-22 06:00")
    assert.equal(await quiet("2026-11-22 05:59", ...night), "2026-11-22 06:00")
    assert.equal(await quiet("2026-11-22 06:00", ...night), null)
    assert.equal(await quiet("2026-11-21 12:00", "Europe/Berlin", "12:00", "14:00"), "2026-11-21 13:00")
    assert.equal(await quiet("2026-11-21 13:00", "Europe/Berlin", "12:00", "14:00"), null)
  })

  it("has digests by the hour, the day, and on Mondays", async () => {
    assert.equal(await digest("2026-11-21 09:10", "Europe/Berlin", "hour", "08:00"), "2026-11-21 10:00")
    assert.equal(await digest("2026-11-21 09:10", "Europe/Berlin", "day", "08:00"), "2026-11-22 07:00")
    assert.equal(await digest("2026-11-21 09:10", "Europe/Berlin", "week", "08:00"), "2026-11-23 07:00")
    assert.equal(await digest("2026-11-23 06:59", "Europe/Berlin", "week", "08:00"), "2026-11-23 07:00")
    assert.equal(await digest("2026-11-23 07:00", "Europe/Berlin", "week", "08:00"), "2026-11-30 07:00")
    // Sunday in Berlin is Monday in Auckland.
    assert.equal(await digest("2026-11-22 18:00", "Pacific/Auckland", "week", "08:00"), "2026-11-22 19:00")
  })
})
