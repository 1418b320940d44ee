import assert from "node:assert/strict"
import { createSweeper } from "#src/index.js"
import { type Setup, setup, until } from "./support/setup.js"

const STALL_SECONDS = 30

describe("the sweeper", () => {
  let office: Setup

  beforeEach(async () => {
    office = await setup()
  })
  afterEach(() => office.close())

  const sweep = async (fulfilled: () => Promise<boolean>) => {
    const sweeper = createSweeper({ retentionDays: 30, ...office, stallSeconds: STALL_SECONDS })
    sweeper.start()
    await until(fulfilled).finally(sweeper.stop)
  }
  const age = (id: string, column: string, seconds: number) =>
    office.query(
      `update mail.messages set ${column} = now() - make_interval(secs => :seconds) where id = :id`,
      {
        seconds,
        id,
      },
    )

  it("puts back a mail whose worker shows no sign of life, and fences that worker off", async () => {
    const id = await office.enqueue()
    const alive = await office.enqueue()
    const [claim, other] = [await office.claims.claim(id), await office.claims.claim(alive)]
    assert.ok(claim && other)
    await age(id, "updated_at", STALL_SECONDS + 1)
    await age(alive, "updated_at", STALL_SECONDS + 1)
    await office.claims.renew(other)

    await sweep(async () => (await office.row(id)).state === "retry_wait")
    assert.equal(await office.claims.confirm(claim), false)
    assert.equal((await office.row(alive)).state, "claimed")
    assert.match((await office.timeline(id)).at(-1) ?? "", /no sign of life/)
    assert.ok(await office.claims.claim(id))
  })

  it("asks for a mail that merely waits ever more rarely", async () => {
    const patient = await office.enqueue()
    const lost = await office.enqueue()
    await office.query("update mail.messages set requeues = 1 where id = ?", [patient])
    await age(patient, "enqueued_at", STALL_SECONDS + 1)
    await age(lost, "enqueued_at", STALL_SECONDS + 1)

    await sweep(async () => (await office.row(lost)).enqueued_at === null)
    assert.notEqual((await office.row(patient)).enqueued_at, null)
  })

  // Check 107.
  it("ends what is past its time and wipes its secret, but not what is on its way", async () => {
    const queued = await office.enqueue()
    const moving = await office.enqueue()
    const abandoned = await office.enqueue()
    const failed = await office.enqueue()
    for (const id of [moving, abandoned, failed]) assert.ok(await office.claims.claim(id))
    const claim = await office.claims.claim(failed, { takeOver: true })
    assert.ok(claim)
    await office.claims.markFailed(claim, "550")
    assert.notEqual((await office.row(failed)).payload, null)
    for (const id of [queued, moving, abandoned, failed]) await age(id, "expires_at", 0)
    await age(abandoned, "updated_at", STALL_SECONDS + 1)

    await sweep(async () => (await office.row(abandoned)).state === "expired")
    const left = async (id: string) => {
      const { state, payload } = await office.row(id)
      return [state, payload !== null]
    }
    assert.deepEqual(await left(queued), ["expired", false])
    assert.deepEqual(await left(abandoned), ["expired", false])
    assert.deepEqual(await left(failed), ["failed_permanent", false])
    assert.deepEqual(await left(moving), ["claimed", true])
  })

  it("forgets a mail thirty days after its end, with its timeline, and none before", async () => {
    const [old, recent, waiting] = [await office.enqueue(), await office.enqueue(), await office.enqueue()]
    for (const id of [old, recent]) {
      const claim = await office.claims.claim(id)
      assert.ok(claim)
      await office.claims.markSent(claim, "250")
    }
    await age(old, "updated_at", 31 * 86_400)
    await age(recent, "updated_at", 29 * 86_400)
    await age(waiting, "updated_at", 31 * 86_400)

    const kept = async () =>
      office.query("select id from mail.messages where id in (?, ?, ?)", [old, recent, waiting])
    await sweep(async () => (await kept()).length < 3)
    assert.deepEqual(new Set((await kept()).map(({ id }) => id)), new Set([recent, waiting]))
    assert.deepEqual(await office.query("select 1 from mail.events where message_id = ?", [old]), [])
  })
})
