import assert from "node:assert/strict"
import { type OpenSmtpd, openSmtpd } from "@gatepost/testkit"
import { app, type PostOffice, secret, setup, until } from "./support/setup.js"

describe("with OpenSMTPD, a mail", function () {
  this.timeout(60_000)
  let server: OpenSmtpd
  let office: PostOffice

  before(async function () {
    server = await openSmtpd(this)
    office = await setup(this, "postgres")
    await office.work({ SMTP_URL: server.url, LOG_LEVEL: process.env.LOG ?? "silent" })
  })
  after(async () => {
    await office?.close()
    await server?.close()
  })

  const delivered = async (user: string, count = 1) => {
    await until(() => server.box(user).length >= count, `${count} mails in the box of ${user}`)
    return server.box(user)
  }

  it("arrives once, whole, with its Message-ID", async () => {
    const id = await office.enqueue({ recipient: "jane@example.com" })
    const row = await office.settled(id, "sent")
    const [got = "", ...more] = await delivered("jane")

    assert.equal(more.length, 0)
    assert.ok(got.includes(`Message-ID: ${row.message_id}`))
    assert.ok(got.replace(/=\r?\n/g, "").includes(secret))
    assert.match(got, /^To: jane@example\.com$/m)
  })

  it("goes over a connection with others before and after it", async () => {
    const ids = await Promise.all(
      Array.from({ length: 30 }, () => office.enqueue({ recipient: "many@example.com" })),
    )
    for (const id of ids) await office.settled(id, "sent")
    const messageIds = (await delivered("many", 30)).map((got) => /^Message-ID: (.*)$/m.exec(got)?.[1])
    assert.equal(new Set(messageIds).size, 30)
  })

  it("is refused for good where there is no such mailbox, whose address gets no more", async () => {
    const id = await office.enqueue({ recipient: "jane@elsewhere.example" })
    const row = await office.settled(id, "failed_permanent")
    assert.match(row.last_error ?? "", /^SMTP EENVELOPE RCPT TO 550/)
    await office.settled(await office.enqueue({ recipient: "Jane@elsewhere.example" }), "suppressed")
  })

  it("is refused for good when it is too big, and its address still gets mail", async () => {
    const link = `https://app.example/${"x".repeat(60_000)}`
    const payload = { app, link, expires_in_minutes: 60 }
    const big = await office.enqueue({ recipient: "kim@example.com", payload })
    const row = await office.settled(big, "failed_permanent")
    assert.match(row.last_error ?? "", /55[24]/)
    await office.settled(await office.enqueue({ recipient: "kim@example.com" }), "sent")
  })

  it("waits for a server that is restarted, and arrives once", async () => {
    await server.stop()
    const id = await office.enqueue({ recipient: "patient@example.com" })
    await until(async () => (await office.row(id)).attempts >= 1, "an attempt")
    await server.start()
    await until(async () => (await office.row(id)).state === "sent", "it is sent", 40_000)
    assert.equal((await delivered("patient")).length, 1)
  })
})
