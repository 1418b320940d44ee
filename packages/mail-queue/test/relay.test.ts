import assert from "node:assert/strict"
import { lanes, queueName } from "@gatepost/contracts"
import { createRelay, createSweeper, type Jobs, type MailJob } from "#src/index.js"
import { backends, openJobs, type Setup, setup, until } from "./support/setup.js"

for (const backend of backends) {
  describe(`the relay, with BullMQ on ${backend}`, () => {
    let office: Setup
    let jobs: Jobs

    beforeEach(async function () {
      office = await setup()
      jobs = await openJobs(this, backend, office)
    })
    afterEach(async () => {
      await jobs?.close()
      await office.close()
    })

    const withRelay = async (work: () => Promise<void>, through = jobs) => {
      const relay = createRelay({ ...office, jobs: through })
      relay.start()
      await work().finally(relay.stop)
    }
    const enqueued = async (id: string) => (await office.row(id)).enqueued_at !== null
    const waiting = async () => {
      const queues = lanes.map((lane) => jobs.queue<MailJob>(queueName(lane)))
      return (await Promise.all(queues.map((queue) => queue.getJobs(["waiting"])))).flat()
    }
    const release = (id: string) =>
      office.query("update mail.messages set enqueued_at = null where id = ?", [id])

    it("makes one job per mail, which carries the mail’s id alone", async () => {
      const ids = [await office.enqueue(), await office.enqueue()]
      await withRelay(() =>
        until(async () => (await enqueued(ids[0] as string)) && enqueued(ids[1] as string)),
      )

      const found = await waiting()
      assert.deepEqual(found.map((job) => job.data).sort(byId), ids.map((id) => ({ id })).sort(byId))
    })

    it("adds no second job when it dies between adding and marking", async () => {
      const id = await office.enqueue()
      let deaths = 0
      const dying = {
        ...jobs,
        queue: ((name: string) => {
          const queue = jobs.queue<MailJob>(name)
          const addBulk = queue.addBulk.bind(queue)
          return Object.assign(queue, {
            async addBulk(...args: Parameters<typeof addBulk>) {
              const added = await addBulk(...args)
              if (deaths++ === 0) throw new Error("killed")
              return added
            },
          })
        }) as Jobs["queue"],
      }
      await withRelay(() => until(() => enqueued(id)), dying)

      assert.ok(deaths >= 2)
      assert.equal((await waiting()).length, 1)
    })

    it("gives a retried mail a job of its own, whatever the queue remembers of the first", async () => {
      const id = await office.enqueue()
      await withRelay(() => until(() => enqueued(id)))
      const claim = await office.claims.claim(id)
      assert.ok(claim)
      await office.claims.markRetry(claim, "451", 0)
      await withRelay(() => until(() => enqueued(id)))

      const names = (await waiting()).map((job) => job.id).sort()
      assert.deepEqual(names, [`${id}-0-0`, `${id}-1-0`])
    })

    it("does not enqueue what is not due, expired or at its end", async () => {
      const later = await office.enqueue()
      const dead = await office.enqueue({ expiresInSeconds: 0.001 })
      const sent = await office.enqueue()
      await office.query("update mail.messages set not_before = now() + interval '1 hour' where id = ?", [
        later,
      ])
      const claim = await office.claims.claim(sent)
      assert.ok(claim)
      await office.claims.handOff(claim, { transport: "smtp.example.com", idempotent: false })
      await office.claims.markSent(claim, undefined)
      await release(sent)

      const due = await office.enqueue()
      await withRelay(() => until(() => enqueued(due)))
      assert.deepEqual(
        (await waiting()).map((job) => job.data.id),
        [due],
      )
      assert.equal(await enqueued(dead), false)
    })

    it("shares the work with other relays, and no mail gets two jobs", async () => {
      await office.query(BACKLOG, { count: 1_200, lane: "otp" })
      await withRelay(() =>
        withRelay(() =>
          withRelay(() =>
            until(async () => {
              const [row] = await office.query<{ count: string }>(
                "select count(*) from mail.messages where enqueued_at is null",
              )
              return row?.count === "0"
            }),
          ),
        ),
      )
      assert.equal((await waiting()).length, 1_200)
    })

    it("keeps a backlog in PostgreSQL, and a full lane holds up no other", async () => {
      await office.query(BACKLOG, { count: 2_300, lane: "bulk" })
      const code = await office.enqueue()
      const inQueue = async () => {
        const [row] = await office.query<{ count: string }>(
          "select count(*) from mail.messages where lane = 'bulk' and enqueued_at is not null",
        )
        return Number(row?.count)
      }
      await withRelay(async () => {
        await until(async () => (await inQueue()) === 2_000 && enqueued(code))
        await office.enqueue()
        assert.equal(await inQueue(), 2_000)
      })
    })

    it("enqueues anew what the queue lost, under a new name", async () => {
      const id = await office.enqueue()
      await withRelay(() => until(() => enqueued(id)))
      await jobs.queue(queueName("otp")).drain()
      assert.equal((await waiting()).length, 0)

      const sweeper = createSweeper({ retentionDays: 30, ...office, jobs, stallSeconds: 30 })
      await office.elapse(31)
      await office.query("update mail.messages set expires_at = now() + interval '1 hour'")
      sweeper.start()
      await withRelay(() => until(async () => (await waiting()).length === 1)).finally(sweeper.stop)
      assert.deepEqual(
        (await waiting()).map((job) => [job.id, job.data.id]),
        [[`${id}-0-1`, id]],
      )
    })
  })
}

const byId = (one: MailJob, other: MailJob) => one.id.localeCompare(other.id)

const BACKLOG = `
  insert into mail.messages (id, kind, lane, recipient, payload, message_id, expires_at)
  select gen_random_uuid(), 'verify-email', :lane, 'jane@example.com', 'x', number || '@' || :lane,
         now() + interval '1 hour'
  from generate_series(1, :count) as number`
