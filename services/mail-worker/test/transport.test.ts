import assert from "node:assert/strict"
import { ConfigError } from "@gatepost/runtime"
import { type SmtpSink, say, scriptedSmtp, smtpSink } from "@gatepost/testkit"
import { readConfig } from "#src/config.js"
import { createSmtpTransport } from "#src/smtp-transport.js"
import type { WireMail } from "#src/transport.js"

const mail: WireMail = {
  id: "0199b8a0-0000-7000-8000-000000000000",
  from: { name: "JobSwipe", address: "hello@jobswipe.example" },
  to: "jane@example.com",
  subject: "Confirm your email",
  html: "<p>Hello</p>",
  text: "Hello",
  messageId: "<1@mail.example.com>",
  date: new Date(0),
  headers: { "Content-Language": "en" },
}
const go = async () => {}

describe("the transport", () => {
  let sink: SmtpSink
  const send = async (more: Partial<WireMail> = {}, url = sink.url, beforeBody = go) => {
    const transport = createSmtpTransport(url)
    try {
      return await transport.send({ ...mail, ...more }, beforeBody)
    } finally {
      transport.close()
    }
  }
  // Loopback by another name, which is not exempt from TLS.
  const notLoopback = (url: string) => url.replace("127.0.0.1", "[::ffff:127.0.0.1]")

  beforeEach(async () => {
    sink = await smtpSink()
  })
  afterEach(() => sink.close())

  // Check 105.
  it("sends nothing in clear text to a server elsewhere, unless the URL says so", async () => {
    const result = await send({}, notLoopback(sink.url))
    assert.equal(result.kind, "unavailable")
    assert.match("reason" in result ? result.reason : "", /STARTTLS|ETLS/)
    assert.deepEqual(sink.rcpts(), [])

    await send({}, `${notLoopback(sink.url)}?tls=none`)
    assert.equal(sink.mails().length, 1)
  })

  // Check 105.
  it("trusts no certificate that nobody signed, and would try again", async () => {
    const self = await smtpSink({ disabledCommands: [] })
    assert.equal((await send({}, notLoopback(self.url))).kind, "unavailable")
    assert.deepEqual(self.rcpts(), [])
    await self.close()
  })

  // Check 105.
  it("refuses tls=none in production", () => {
    const env = {
      NODE_ENV: "production",
      DATABASE_URL: "postgres://localhost/gatepost",
      MAIL_ENCRYPTION_SECRET: "0123456789 abcdefghij klmnopqrst uvwxyz",
    }
    assert.ok(readConfig({ ...env, SMTP_URL: "smtp://mail.example.com" }))
    assert.throws(() => readConfig({ ...env, SMTP_URL: "smtp://mail.example.com?tls=none" }), ConfigError)
  })

  // Check 103.
  it("lets no text become a header or a recipient", async () => {
    const evil = "x\r\nBcc: eve@evil.example\r\n\r\nbody"
    await send({
      subject: evil,
      from: { name: evil, address: mail.from.address },
      headers: { "Content-Language": evil },
      messageId: "<1@x>\r\nBcc: eve@evil.example",
    })
    const [got] = sink.mails()
    assert.deepEqual(sink.rcpts(), ["jane@example.com"])
    assert.equal(got?.bcc, undefined)
    assert.doesNotMatch(got?.raw ?? "", /^Bcc:/m)
  })

  // Checks 102 and 104: what slips through everything before still is one recipient, and text.
  it("takes an address for one address and a body for text, whatever they hold", async () => {
    await send({ to: "jane@example.com, eve@evil.example" }).catch(() => {})
    assert.ok(!sink.rcpts().includes("eve@evil.example"))

    const file = { path: "/etc/hostname" } as unknown as string
    await assert.rejects(send({ text: file }), /must be text/)
    const url = { href: "http://127.0.0.1:9/" } as unknown as string
    await assert.rejects(send({ html: url }), /must be text/)
    assert.deepEqual(
      sink.mails().map((got) => got.recipients.length),
      sink.mails().map(() => 1),
    )
  })

  it("brings every kind of text through, byte for byte the same each time", async () => {
    const text = [
      "Zoë, 日本語 and 👋🏽",
      ".",
      "..two dots",
      "From here",
      `a long line ${"of words ".repeat(200)}`,
      "trailing space ",
      "tab\t",
      "=3D is no code",
      "end",
    ].join("\n")
    const odd = {
      text,
      html: `<p>${text}</p>`,
      subject: "Bestätigen: 日本語 👋🏽",
      from: { name: "Zoë “Z” <x@y>", address: mail.from.address },
    }
    await send(odd)
    await send(odd)
    const [first, again] = sink.mails()
    assert.equal(first?.text?.replace(/\n$/, ""), text)
    assert.equal(String(first?.html).replace(/\n$/, ""), odd.html)
    assert.equal(first?.subject, odd.subject)
    assert.equal(first?.from?.value[0]?.name, odd.from.name)
    assert.equal(first?.headers.get("content-language"), "en")
    const own = (raw = "") => raw.split("\r\n").filter((line) => !line.startsWith("Received"))
    assert.deepEqual(own(again?.raw), own(first?.raw))
    assert.ok(own(first?.raw).every((line) => line.length <= 78))
  })

  it("names the mail to a provider that drops a second copy, and only then says that it does", async () => {
    const url = `${sink.url}?idempotency_header=Resend-Idempotency-Key`
    await send({}, url)
    await send()
    const [named, plain] = sink.mails()
    assert.equal(named?.headers.get("resend-idempotency-key"), mail.id)
    assert.equal(plain?.headers.has("resend-idempotency-key"), false)
    assert.deepEqual(
      [url, sink.url].map((each) => createSmtpTransport(each).idempotent),
      [true, false],
    )
  })

  it("asks at the last instant, after the server agreed and before it has a byte of the mail", async () => {
    const transport = createSmtpTransport(sink.url)
    let agreed: string[] = []
    const withdrawn = transport.send(mail, async () => {
      agreed = sink.rcpts()
      throw new RangeError("expired")
    })
    await assert.rejects(withdrawn, RangeError)
    assert.deepEqual(agreed, ["jane@example.com"])
    assert.deepEqual(sink.mails(), [])

    // The connection that was left in the middle of a mail is not used for the next.
    await transport.send({ ...mail, to: "next@example.com" }, go)
    assert.deepEqual(
      sink.mails().map((got) => got.recipients),
      [["next@example.com"]],
    )
    transport.close()
  })

  it("is not asked at all when the server refuses the envelope", async () => {
    sink.reject("rcpt", 550, "5.1.1 no such mailbox")
    let asked = false
    const refused = await send({}, sink.url, async () => {
      asked = true
    })
    assert.equal(refused.kind, "refused")
    assert.equal(asked, false)
  })

  it("uses a connection again, even after a refusal, and opens another when the server has ended it", async () => {
    const server = await scriptedSmtp()
    const transport = createSmtpTransport(server.url)
    const sendNext = async () => (await transport.send(mail, go)).kind
    assert.deepEqual([await sendNext(), await sendNext()], ["accepted", "accepted"])
    assert.equal(server.connections(), 1)

    server.hangUpAll()
    assert.equal(await sendNext(), "accepted")
    assert.equal(server.connections(), 2)
    transport.close()
    await server.close()

    const strict = await scriptedSmtp({ rcpt: say("550 5.1.1 no"), data: say("503 no") })
    const refused = createSmtpTransport(strict.url)
    for (const _ of "12") assert.equal((await refused.send(mail, go)).kind, "refused")
    assert.equal(strict.connections(), 1)
    refused.close()
    await strict.close()
  })

  it("tries anew when the server hangs up at the very moment that an old connection is used", async () => {
    let mails = 0
    const server = await scriptedSmtp({
      mail: (socket) => void (++mails === 2 ? socket.destroy() : socket.write("250 ok\r\n")),
    })
    const transport = createSmtpTransport(server.url)
    assert.equal((await transport.send(mail, go)).kind, "accepted")
    assert.equal((await transport.send(mail, go)).kind, "accepted")
    assert.deepEqual([server.connections(), server.bodies().length], [2, 2])
    transport.close()
    await server.close()
  })
})
