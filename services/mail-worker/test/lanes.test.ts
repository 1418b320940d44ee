import assert from "node:assert/strict"
import { type SmtpSink, smtpSink } from "@gatepost/testkit"
import { backends, mail, type PostOffice, setup, until } from "./support/setup.js"

const CONCURRENCY = 4

for (const backend of backends) {
  describe(`lanes, with BullMQ on ${backend}`, () => {
    let office: PostOffice
    let sink: SmtpSink
    let waiting: (() => void)[]
    let over: boolean

    beforeEach(async function () {
      waiting = []
      over = false
      office = await setup(this, backend)
      // Keeps whoever sends a newsletter waiting.
      sink = await smtpSink({
        onRcptTo({ address }, _session, answer) {
          if (address.startsWith("news") && !over) waiting.push(() => answer())
          else answer()
        },
      })
    })
    afterEach(async () => {
      over = true
      for (const answer of waiting.splice(0)) answer()
      await office?.close()
      await sink?.close()
    })

    const enqueueNews = (count: number) =>
      office.database.transaction(async (trx) => {
        for (let sent = 0; sent < count; sent++) {
          const id = await office.outbox.enqueue(trx, mail({ recipient: `news-${sent}@example.com` }))
          await trx.raw("update mail.messages set lane = 'bulk' where id = ?", [id as string])
        }
      })
    const work = () => office.work({ SMTP_URL: sink.url, MAIL_CONCURRENCY: String(CONCURRENCY) })

    it("let a code pass while every connection for newsletters waits, and hundreds behind them", async () => {
      await enqueueNews(300)
      await work()
      await until(() => waiting.length === CONCURRENCY, "all connections for newsletters wait")

      const id = await office.enqueue({ recipient: "code@example.com" })
      await office.settled(id, "sent")
      assert.equal(waiting.length, CONCURRENCY)
    })

    it("send a code that comes last before what was there already", async () => {
      await enqueueNews(300)
      const id = await office.enqueue({ recipient: "code@example.com" })
      await work()
      await office.settled(id, "sent")
      assert.deepEqual(
        sink.mails().map(({ recipients }) => recipients),
        [["code@example.com"]],
      )
    })
  })
}
