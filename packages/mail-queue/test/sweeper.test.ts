import assert from "node:assert/strict"
import { queueName } from "@gatepost/contracts"
import { createJobs, createSweeper, type Jobs } from "#src/index.js"
import { type Setup, setup, until } from "./support/setup.js"

const STALL_SECONDS = 30
const to = { transport: "smtp.example.com", idempotent: false }

describe("the sweeper", () => {
  let office: Setup
  let jobs: Jobs

  beforeEach(async () => {
    office = await setup()
    jobs = createJobs(office)
  })
  afterEach(async () => {
    await jobs.close()
    await office.close()
  })

  const sweep = async (fulfilled: () => Promise<boolean>) => {
    const sweeper = createSweeper({ retentionDays: 30, ...office, jobs, stallSeconds: STALL_SECONDS })
    sweeper.start()
    await until(fulfilled, 12_000).finally(sweeper.stop)
  }
  const claim = async (id: string, options = {}) => {
    const claim = await office.claims.claim(id, options)
    assert.ok(claim, "the mail could not be claimed")
    return claim
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
    const [lost, renewed] = [await claim(id), await claim(alive)]
    await age(id, "updated_at", STALL_SECONDS)
    await age(alive, "updated_at", STALL_SECONDS)
    await office.claims.renew([renewed])
    const life = setInterval(() => void office.claims.renew([renewed]), 1_000)

    await sweep(async () => (await office.row(id)).state === "retry_wait").finally(() => clearInterval(life))
    assert.equal(await office.claims.handOff(lost, to), false)
    assert.equal((await office.row(alive)).state, "claimed")
    assert.match((await office.timeline(id)).at(-1) ?? "", /no sign of life/)
    assert.ok(await office.claims.claim(id))
  })

  it("calls uncertain what a dead worker had handed over, and sends it again if that is the policy", async () => {
    const [code, news] = [await office.enqueue(), await office.enqueue()]
    await office.query("update mail.messages set policy = 'once' where id = ?", [news])
    for (const id of [code, news]) {
      await office.claims.handOff(await claim(id), to)
      await age(id, "updated_at", STALL_SECONDS)
    }
    await sweep(async () => (await office.row(code)).state === "retry_wait")
    await sweep(async () => (await office.row(news)).state === "uncertain")
    assert.ok((await office.timeline(code)).some((event) => event.startsWith("uncertain: its worker died")))
  })

  it("gives up a mail that takes every worker down with it, and lists it as dead", async () => {
    const id = await office.enqueue()
    await claim(id)
    for (let stalls = 1; stalls < 10; stalls++) await claim(id, { takeOver: true })
    await age(id, "updated_at", STALL_SECONDS)

    await sweep(async () => (await office.row(id)).state === "dead")
    assert.equal(await office.claims.claim(id, { takeOver: true }), undefined)
    assert.notEqual((await office.row(id)).payload, null)
  })

  it("notices at once when the queue knows fewer jobs than wait by the rows", async () => {
    const lost = await office.enqueue()
    await age(lost, "enqueued_at", 3)
    await sweep(async () => (await office.row(lost)).enqueued_at === null)
    assert.match((await office.timeline(lost)).at(-1) ?? "", /the queue lost it/)
  })

  it("asks for a mail that merely waits ever more rarely", async () => {
    const patient = await office.enqueue()
    const lost = await office.enqueue()
    for (const id of [patient, lost]) await jobs.queue(queueName("otp")).add("mail", { id })
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
    for (const id of [moving, abandoned]) await claim(id)
    await office.claims.markFailed(await claim(failed), "550")
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

  it("closes what stayed uncertain until its time was over", async () => {
    const id = await office.enqueue()
    await office.query("update mail.messages set policy = 'once' where id = ?", [id])
    const held = await claim(id)
    await office.claims.handOff(held, to)
    await office.claims.markUncertain(held, "SMTP ETIMEDOUT")
    await age(id, "expires_at", 0)

    await sweep(async () => (await office.row(id)).state === "closed_uncertain")
    assert.equal((await office.row(id)).payload, null)
  })

  it("forgets a suppression a month after it ended, and an operator's never", async () => {
    await office.query(
      `insert into mail.suppressions (address, reason, expires_at) values
         ('over@example.com', 'bounce', now() - interval '31 days'),
         ('ended@example.com', 'bounce', now() - interval '29 days'),
         ('never@example.com', 'operator', null)`,
    )
    const kept = () => office.query<{ address: string }>("select address from mail.suppressions order by 1")
    await sweep(async () => (await kept()).length < 3)
    assert.deepEqual(
      (await kept()).map(({ address }) => address),
      ["ended@example.com", "never@example.com"],
    )
  })

  it("forgets a mail thirty days after its end, with its timeline, and none before", async () => {
    const [old, recent, waiting] = [await office.enqueue(), await office.enqueue(), await office.enqueue()]
    for (const id of [old, recent]) {
      const held = await claim(id)
      await office.claims.handOff(held, to)
      await office.claims.markSent(held, "250")
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
