import assert from "node:assert/strict"
import { untilWaiting, withLockedBatteries } from "./support/locks.js"
import { type Bundle, person, setup, walk } from "./support/setup.js"

// R3, R16
describe("a database that can't answer", () => {
  let service: Bundle
  afterEach(() => service.stop())

  const assertUnavailable = ({ status, body, headers }: Awaited<ReturnType<Bundle["http"]["get"]>>) => {
    assert.deepEqual([status, body.error, body.status_code], [503, "server_unavailable", 503])
    assert.match(String(headers["retry-after"]), /^[1-9]\d*$/)
  }

  it("is away: 503 with Retry-After, and not ready, but alive", async () => {
    service = await setup({ DATABASE_URL: "postgres://nobody@127.0.0.1:1/nowhere" })
    const kim = await person(service)
    for (const answer of [await kim.read(), await kim.record(walk(1)), await kim.activity()])
      assertUnavailable(answer)
    const { body } = await service.http.get("/readyz").expect(503)
    assert.deepEqual(body.checks, { database: "failing", keys: "ok" })
    await service.http.get("/livez").expect(200)
  })

  it("breaks a connection at work: 503, nothing done, and the next call is answered", async () => {
    service = await setup()
    const kim = await person(service)
    await kim.record(walk(-1)).expect(201)
    await withLockedBatteries(service.db, async () => {
      const recording = kim.record(walk(-7)).then((answer) => answer)
      await service.db.query("select pg_terminate_backend(?)", [await untilWaiting(service.db)])
      assertUnavailable(await recording)
    })
    assert.equal((await kim.read().expect(200)).body.level, 49)
  })

  it("breaks the idle connections: no request fails of it, and the process lives", async () => {
    service = await setup()
    const kim = await person(service)
    await kim.read().expect(200)
    const ended = await service.db.query(
      `select pg_terminate_backend(pid, 1000) from pg_stat_activity
       where datname = current_database() and application_name = 'gatepost social-battery'`,
    )
    assert.ok(ended.length > 0)
    await kim.record(walk(-7)).expect(201)
  })

  it("keeps a battery locked: 503 after a while, and nothing done", async () => {
    service = await setup()
    const kim = await person(service)
    await withLockedBatteries(service.db, async () => assertUnavailable(await kim.record(walk(-7))))
    assert.equal((await kim.read()).body.level, 50)
    assert.deepEqual((await kim.activity()).body.items, [])
  })
})
