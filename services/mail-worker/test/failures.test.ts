import assert from "node:assert/strict"
import { queueName } from "@gatepost/contracts"
import { createJobs } from "@gatepost/mail-queue"
import { createLogger } from "@gatepost/runtime"
import { Redis } from "ioredis"
import { app, backends, type PostOffice, secret, setup, until } from "./support/setup.js"

for (const backend of backends) {
  describe(`a mail that meets trouble, with BullMQ on ${backend}`, () => {
    let office: PostOffice

    beforeEach(async function () {
      office = await setup(this, backend)
    })
    afterEach(() => office?.close())

    it("is not tried again when the server refuses it for good", async () => {
      office.sink.reject("rcpt", 550, "5.1.1 <jane@example.com> is no mailbox")
      await office.work()
      const row = await office.settled(await office.enqueue(), "failed_permanent")

      assert.equal(row.attempts, 1)
      assert.match(row.last_error ?? "", /^SMTP EENVELOPE RCPT TO 550 5\.1\.1 <…> is no mailbox$/)
      office.sink.accept()
      const next = await office.enqueue({ recipient: "next@example.com" })
      await office.settled(next, "sent")
      assert.deepEqual(office.sink.rcpts(), ["jane@example.com", "next@example.com"])
    })

    it("is tried again when the server is away, and arrives when it is back", async () => {
      await office.sink.stop()
      await office.work()
      const id = await office.enqueue()
      await until(async () => (await office.row(id)).attempts >= 1, "an attempt")
      assert.notEqual((await office.row(id)).payload, null)

      await office.sink.start()
      const { message_id } = await office.settled(id, "sent")
      assert.equal(office.sink.mails().filter((sent) => sent.messageId === message_id).length, 1)
    })

    it("is tried again after a refusal for now, even of the whole mail, whose text is not kept", async () => {
      office.sink.reject("data", 451, `4.7.1 try later, I saw ${secret}`)
      await office.work()
      const id = await office.enqueue()
      const timeline = async () =>
        JSON.stringify(await office.query("select * from mail.events where message_id = ?", [id]))
      await until(async () => (await timeline()).includes("retry_wait"), "it was refused")

      assert.match(await timeline(), /SMTP EMESSAGE DATA 451 4\.7\.1/)
      assert.ok(!(await timeline()).includes(secret))
      office.sink.accept()
      await office.settled(id, "sent")
    })

    // Check 107.
    it("is never sent once it has expired, and its secret is gone", async () => {
      await office.sink.stop()
      await office.work({ MAIL_STALL_SECONDS: "1" })
      const id = await office.enqueue({ expiresInSeconds: 2 })
      const row = await office.settled(id, "expired")
      assert.equal(row.payload, null)

      await office.sink.start()
      const other = await office.enqueue({ recipient: "other@example.com" })
      await office.settled(other, "sent")
      assert.deepEqual(office.sink.rcpts(), ["other@example.com"])
    })

    // Check 107.
    it("is withheld when it expires while the server thinks about the recipient", async () => {
      office.sink.hold("rcpt")
      await office.work()
      const id = await office.enqueue()
      await until(() => office.sink.held() === 1, "the server holds it")
      await office.query("update mail.messages set expires_at = now() where id = ?", [id])
      office.sink.accept()

      assert.equal((await office.settled(id, "expired")).payload, null)
      assert.deepEqual(office.sink.mails(), [])
    })

    // Checks 102 and 104.
    it("is refused on the way out when somebody put into its row what the outbox would not", async () => {
      const two = await office.enqueue()
      await office.query("update mail.messages set recipient = ? where id = ?", [
        "jane@example.com,eve@evil.example",
        two,
      ])
      const base = { app, expires_in_minutes: 60 }
      const file = await office.enqueue()
      await office.forge(file, { ...base, link: { path: "/etc/passwd" } })
      const script = await office.enqueue()
      await office.forge(script, { ...base, link: "javascript:alert(1)" })
      const senders = await office.enqueue()
      await office.forge(senders, {
        app: { ...app, from: "a@x.io, b@y.io" },
        link: "https://x.io",
        expires_in_minutes: 1,
      })
      const unknown = await office.enqueue()
      await office.query("update mail.messages set kind = 'newsletter' where id = ?", [unknown])
      const huge = await office.enqueue()
      await office.forge(huge, { ...base, link: `https://x.io/${"x".repeat(10_000_000)}` })
      const list = await office.enqueue()
      await office.query("update mail.messages set recipient = ? where id = ?", [
        '["jane@example.com","eve@evil.example"]',
        list,
      ])

      await office.work()
      for (const id of [two, file, script, senders, unknown, huge, list]) {
        assert.equal((await office.settled(id, "failed_permanent")).attempts, 1)
      }
      assert.deepEqual(office.sink.rcpts(), [])
    })

    it("waits for the right secret when a worker has another", async () => {
      const worker = await office.work({ MAIL_ENCRYPTION_SECRET: "zyxwvutsrq ponmlkjihg fedcba 9876543210" })
      const id = await office.enqueue()
      await until(async () => (await office.row(id)).attempts >= 1, "an attempt")
      await worker.stop()
      await office.settled(id, "retry_wait")

      await office.work()
      await office.settled(id, "sent")
    })

    it("is not held up by poisoned jobs, each of which fails once and is listed", async () => {
      const logger = createLogger("test", "silent")
      const jobs = createJobs({ redisUrl: office.redisUrl, databaseUrl: office.env.DATABASE_URL, logger })
      const queue = jobs.queue<unknown>(queueName("otp"))
      const poison = [
        {},
        { id: "' or 1=1" },
        { id: ["x"] },
        { id: "0199b8a0-0000-7000-8000-000000000000" },
        { to: ["jane@example.com", "eve@evil.example"], html: { path: "/etc/passwd" } },
        { id: "x".repeat(10_000_000) },
        "text",
      ]
      for (const data of poison) await queue.add("mail", data, { jobId: `poison-${poison.indexOf(data)}` })

      await office.work()
      await office.settled(await office.enqueue(), "sent")
      await until(async () => (await queue.getFailedCount()) === poison.length, "all poison is listed")
      const failed = await queue.getFailed()
      assert.deepEqual(
        failed.map((job) => job.attemptsStarted),
        poison.map(() => 1),
      )
      await jobs.close()
    })

    it("survives all connections being cut, and is not late for it", async () => {
      await office.work()
      await office.settled(await office.enqueue(), "sent")
      await office.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name not in ('test', 'auth')`,
      )
      if (office.redisUrl) {
        await inRedis(office.redisUrl, (redis) => redis.call("CLIENT", "KILL", "TYPE", "normal"))
      }

      const id = await office.enqueue()
      // BullMQ's own pause after a lost connection is 15 s.
      await until(async () => (await office.row(id)).state === "sent", "it is sent", 8_000)
    })

    it("survives the queue losing everything", async () => {
      const relayed = await office.work({ SMTP_URL: "smtp://127.0.0.1:9", MAIL_STALL_SECONDS: "1" })
      const id = await office.enqueue()
      await until(async () => (await office.row(id)).attempts >= 1, "an attempt")
      await relayed.stop()
      // As it stands after a flush: enqueued as far as the row knows, and the queue knows nothing.
      await office.query(
        "update mail.messages set state = 'queued', not_before = now(), enqueued_at = now() where id = ?",
        [id],
      )
      if (office.redisUrl) await inRedis(office.redisUrl, (redis) => redis.flushall())
      else await office.query("delete from bullmq.job")

      await office.work({ MAIL_STALL_SECONDS: "1" })
      await office.settled(id, "sent")
      assert.equal(office.sink.mails().length, 1)
    })

    it("survives it being lost while a worker is sending", async () => {
      office.sink.hold("rcpt")
      await office.work({ MAIL_STALL_SECONDS: "1" })
      const id = await office.enqueue()
      await until(() => office.sink.held() === 1, "the server holds it")
      if (office.redisUrl) await inRedis(office.redisUrl, (redis) => redis.flushall())
      else await office.query("delete from bullmq.job")

      // Far longer than the sweeper's limit: a worker that shows signs of life keeps its mail.
      await new Promise((resolve) => setTimeout(resolve, 2_500))
      office.sink.accept()
      assert.equal((await office.settled(id, "sent")).attempts, 1)
      assert.equal(office.sink.mails().length, 1)
    })

    // Check 106.
    it("leaves its secret neither in the database nor in the queue, before, while or after it is sent", async () => {
      office.sink.hold("rcpt")
      await office.work()
      const id = await office.enqueue()
      const nowhere = async () => assert.ok(!(await everything(office)).includes(secret))
      await nowhere()
      await until(() => office.sink.held() === 1, "the server holds it")
      await nowhere()
      office.sink.accept()
      await office.settled(id, "sent")
      await nowhere()
      assert.ok(office.sink.mails()[0]?.text?.includes(secret))
    })
  })
}

async function inRedis<Answer>(redisUrl: string, work: (redis: Redis) => Promise<Answer>): Promise<Answer> {
  const redis = new Redis(redisUrl)
  try {
    return await work(redis)
  } finally {
    redis.disconnect()
  }
}

/** All that is stored: every row of every table as text (bytes both raw and in hex), and all of Redis. */
async function everything({ query, redisUrl }: PostOffice): Promise<string> {
  const tables = await query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname in ('mail', 'bullmq', 'public')`,
  )
  const dumps = [""]
  for (const { name } of tables) {
    for (const row of await query(`select * from ${name}`)) {
      dumps.push(JSON.stringify(row))
      for (const value of Object.values(row)) if (Buffer.isBuffer(value)) dumps.push(value.toString())
    }
  }
  if (redisUrl) {
    await inRedis(redisUrl, async (redis) => {
      for (const key of await redis.keys("*")) dumps.push(key, String(await redis.dumpBuffer(key)))
    })
  }
  return dumps.join("\n")
}
