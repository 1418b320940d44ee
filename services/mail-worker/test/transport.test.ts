import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { ConfigError } from "@gatepost/runtime"
import { type SmtpSink, smtpSink } from "@gatepost/testkit"
import { readConfig } from "#src/config.js"
import { createMailTransport, type WireMail } from "#src/transport.js"
import { verdictOf, WithdrawnError } from "#src/verdict.js"

const mail: WireMail = {
  id: "01a2b3c4",
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
    const transport = createMailTransport({ url, connections: 2 })
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
    await assert.rejects(send({}, notLoopback(sink.url)), { code: "ETLS" })
    assert.deepEqual(sink.rcpts(), [])

    await send({}, `${notLoopback(sink.url)}?tls=none`)
    assert.equal(sink.mails().length, 1)
  })

  // Check 105.
  it("trusts no certificate that nobody signed, and would try again", async () => {
    const self = await smtpSink({ disabledCommands: [] })
    const error = await send({}, notLoopback(self.url)).catch((cause: unknown) => cause)
    assert.equal(verdictOf(error).kind, "retry")
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
    await assert.rejects(send({ text: file }), /File access rejected/)
    const url = { href: "http://127.0.0.1:9/" } as unknown as string
    await assert.rejects(send({ html: url }), /Url access rejected/i)
    assert.ok(!sink.mails().some((got) => got.raw.includes(readFileSync("/etc/hostname", "utf8").trim())))
  })

  it("asks at the last instant, after the server agreed and before it has a byte of the mail", async () => {
    const transport = createMailTransport({ url: sink.url, connections: 1 })
    let agreed: string[] = []
    const withdrawn = transport.send(mail, async () => {
      agreed = sink.rcpts()
      throw new WithdrawnError("expired")
    })
    await assert.rejects(withdrawn, WithdrawnError)
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
    const refused = send({}, sink.url, async () => {
      asked = true
    })
    await assert.rejects(refused, { responseCode: 550 })
    assert.equal(asked, false)
  })

  const answers = [
    ["mail", 421, "retry"],
    ["mail", 550, "refused"],
    ["mail", 530, "retry"],
    ["rcpt", 450, "retry"],
    ["rcpt", 550, "refused"],
    ["rcpt", 552, "refused"],
    ["data", 451, "retry"],
    ["data", 554, "refused"],
    ["connect", 421, "retry"],
    ["connect", 554, "retry"],
  ] as const
  for (const [stage, code, verdict] of answers) {
    it(`takes ${code} at ${stage} for ${verdict}`, async () => {
      sink.reject(stage, code, "no")
      const error = await send().catch((cause: unknown) => cause)
      assert.equal(verdictOf(error).kind, verdict)
    })
  }

  it("takes a wrong password for our fault, not the mail’s", async () => {
    const strict = await smtpSink({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => done(Object.assign(new Error("no"), { responseCode: 535 })),
    })
    const error = await send({}, strict.url.replace("//", "//user:wrong@")).catch((cause: unknown) => cause)
    const verdict = verdictOf(error)
    assert.equal(verdict.kind, "retry")
    assert.doesNotMatch(JSON.stringify(verdict), /wrong/)
    await strict.close()
  })

  it("takes a server that is away, or hangs up at once, for retry", async () => {
    await sink.stop()
    assert.equal(verdictOf(await send().catch((cause: unknown) => cause)).kind, "retry")
    await sink.start()
    sink.hold("mail")
    const sending = send().catch((cause: unknown) => cause)
    while (sink.held() === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    await sink.stop()
    assert.equal(verdictOf(await sending).kind, "retry")
    await sink.start()
  })
})
