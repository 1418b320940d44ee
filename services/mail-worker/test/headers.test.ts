import assert from "node:assert/strict"
import type { Claim, MailContent } from "@gatepost/mail-queue"
import { type SmtpSink, smtpSink } from "@gatepost/testkit"
import { composeMail } from "#src/compose-mail.js"
import { createSmtpTransport } from "#src/smtp-transport.js"
import { app } from "./support/setup.js"

const claim: Claim = {
  id: "019ab3c5-1d2e-7f00-8a9b-0c1d2e3f4a5b",
  token: "t",
  kind: "verify-email",
  lane: "otp",
  recipient: "jane@example.com",
  locale: "de-AT",
  messageId: "<019ab3c5-1d2e-7f00-8a9b-0c1d2e3f4a5b@mail.example.com>",
  createdAt: new Date("2026-11-21T02:23:04.567Z"),
  attempt: 1,
  policy: "resend",
  boundTo: undefined,
  payload: Buffer.alloc(0),
}
const payload = { app, greeting_name: "Jane", link: "https://app.example/v/t", expires_in_minutes: 60 }

describe("the headers of a mail", () => {
  let sink: SmtpSink

  beforeEach(async () => {
    sink = await smtpSink()
  })
  afterEach(() => sink.close())

  async function received(more: object = {}, from: Partial<Claim> = {}) {
    const content = { kind: "verify-email", payload: { ...payload, ...more } } as MailContent
    const transport = createSmtpTransport(sink.url)
    await transport.send(composeMail({ ...claim, ...from }, content), async () => {})
    transport.close()
    const got = sink.mails().at(-1)
    assert.ok(got)
    return got
  }
  const lines = (raw: string) =>
    raw
      .slice(0, raw.indexOf("\r\n\r\n"))
      .replace(/\r\n[ \t]+/g, " ")
      .split("\r\n")

  it("are those of its row: the id, the time, the language; and nobody’s holiday notice answers", async () => {
    const { raw } = await received()
    const head = lines(raw)
    for (const line of [
      `Message-ID: ${claim.messageId}`,
      "Date: Sat, 21 Nov 2026 02:23:04 +0000",
      "Auto-Submitted: auto-generated",
      "Content-Language: de",
      "To: jane@example.com",
      "From: JobSwipe <hello@jobswipe.example>",
      "MIME-Version: 1.0",
    ]) {
      assert.ok(head.includes(line), `${line} in\n${head.join("\n")}`)
    }
    assert.doesNotMatch(raw, /^List-/m)
  })

  it("and its body are the same bytes in every attempt", async () => {
    const { raw: first } = await received()
    const { raw: second } = await received({}, { attempt: 2, token: "another" })
    assert.equal(first, second)
  })

  // Check 103.
  it("are ASCII, whatever the subject and the app’s name", async () => {
    for (const name of ["Bücher & Töne", "求人 🦊", "Жёлтый", "x".repeat(100), "ä".repeat(100)]) {
      const { raw, subject, from } = await received({ app: { ...app, name } })
      const head = raw.slice(0, raw.indexOf("\r\n\r\n"))
      assert.match(head, /^[\x20-\x7e\r\n\t]*$/)
      for (const line of head.split("\r\n")) assert.ok(line.length <= 998, line)
      assert.equal(subject, `Bestätigen Sie Ihre E-Mail für ${name}`)
      assert.equal(from?.value[0]?.name, name)
    }
  })

  it("say how to unsubscribe with one click, where there is something to unsubscribe from (RFC 8058)", async () => {
    const unsubscribe_url = `https://app.example/unsubscribe?token=${"t".repeat(120)}`
    const head = lines((await received({ unsubscribe_url })).raw)
    assert.ok(head.includes(`List-Unsubscribe: <${unsubscribe_url}>`))
    assert.ok(head.includes("List-Unsubscribe-Post: List-Unsubscribe=One-Click"))
  })
})
