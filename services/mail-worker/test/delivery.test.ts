import assert from "node:assert/strict"
import { backends, mail, type PostOffice, secret, setup } from "./support/setup.js"

for (const backend of backends) {
  describe(`a mail, with BullMQ on ${backend}`, () => {
    let office: PostOffice

    before(async function () {
      office = await setup(this, backend)
      await office.work()
    })
    after(() => office?.close())

    it("arrives once when its transaction commits, with the headers of its row", async () => {
      const id = await office.enqueue({ recipient: "once@example.com" })
      const got = await office.sink.waitFor((sent) => sent.recipients.includes("once@example.com"))
      const row = await office.settled(id, "sent")

      assert.deepEqual(got.recipients, ["once@example.com"])
      assert.equal(got.sender, "hello@jobswipe.example")
      assert.equal(got.messageId, row.message_id)
      assert.equal(got.date?.getTime(), Math.floor(row.created_at.getTime() / 1_000) * 1_000)
      assert.equal(got.headers.get("auto-submitted"), "auto-generated")
      assert.deepEqual(got.from?.value, [{ name: "JobSwipe", address: "hello@jobswipe.example" }])
      assert.equal(got.subject, "Confirm your email for JobSwipe")
      for (const body of [got.text, String(got.html)]) {
        assert.match(body ?? "", /Hello Jane,/)
        assert.match(body ?? "", /expires in 1 hour/)
        assert.match(body ?? "", /ignore this email/)
        assert.ok(body?.includes(`https://app.example/verify/${secret}`))
      }
      assert.equal(row.payload, null)
      assert.equal(office.sink.mails().filter((sent) => sent.messageId === row.message_id).length, 1)
    })

    it("never leaves when its transaction is rolled back", async () => {
      await assert.rejects(
        office.auth.transaction(async (trx) => {
          await office.outbox.enqueue(trx, mail({ recipient: "undone@example.com" }))
          throw new Error("undo")
        }),
      )
      await office.enqueue({ recipient: "after@example.com" })
      await office.sink.waitFor((sent) => sent.recipients.includes("after@example.com"))
      assert.ok(!office.sink.rcpts().includes("undone@example.com"))
    })

    it("arrives once each, of two hundred mails and two workers", async () => {
      await office.work()
      const recipients = Array.from({ length: 200 }, (_, number) => `many-${number}@example.com`)
      await office.auth.transaction(async (trx) => {
        for (const recipient of recipients) await office.outbox.enqueue(trx, mail({ recipient }))
      })
      for (const recipient of recipients) {
        await office.sink.waitFor((sent) => sent.recipients.includes(recipient))
      }
      const many = office.sink.rcpts().filter((recipient) => recipient.startsWith("many-"))
      assert.deepEqual(many.sort(), recipients.sort())
    })
  })
}
