import assert from "node:assert/strict"
import { createHash, createVerify, generateKeyPairSync, type KeyObject } from "node:crypto"
import { ConfigError } from "@gatepost/runtime"
import { type SmtpSink, smtpSink } from "@gatepost/testkit"
import { readConfig } from "#src/config.js"
import { dkimKeyOf } from "#src/dkim-key.js"
import { createSmtpTransport } from "#src/smtp-transport.js"

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 })
const pem = (key: KeyObject) => key.export({ type: "pkcs8", format: "pem" }).toString()

const env = {
  DATABASE_URL: "postgres://localhost/gatepost",
  SMTP_URL: "smtp://localhost",
  MAIL_ENCRYPTION_SECRET: "0123456789 abcdefghij klmnopqrst uvwxyz",
}
const DKIM = { DKIM_DOMAINS: "Movr.example, jobswipe.example", DKIM_PRIVATE_KEY: pem(privateKey) }

describe("DKIM", () => {
  let sink: SmtpSink

  beforeEach(async () => {
    sink = await smtpSink()
  })
  afterEach(() => sink.close())

  async function received(address: string, settings: Record<string, string> = DKIM): Promise<string> {
    const dkim = dkimKeyOf(readConfig({ ...env, ...settings }))
    const transport = createSmtpTransport(sink.url, { dkim })
    const mail = {
      id: "019ab3c5",
      from: { name: "Jörg’s App", address },
      to: "jane@example.com",
      subject: "Bestätigen Sie Ihre E-Mail",
      html: `<p>${"Grüße ".repeat(200)}</p>\n\n\n`,
      text: "Grüße\n\n\n.\n-- \nvon uns  \n\n\n",
      messageId: "<1@mail.example.com>",
      date: new Date(0),
      headers: {
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": `<https://app.example/u?${"x".repeat(100)}>`,
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
      },
    }
    await transport.send(mail, async () => {})
    transport.close()
    return sink.mails().at(-1)?.raw ?? ""
  }

  it("signs what a reader sees, and both unsubscribe headers, for the sender’s domain", async () => {
    const { tags, isGenuine } = verify(await received("hello@movr.example"), publicKey)
    assert.equal(isGenuine, true)
    assert.equal(tags.d, "movr.example")
    assert.equal(tags.s, "gatepost")
    const signed = tags.h?.split(":") ?? []
    for (const name of "from to subject date message-id list-unsubscribe list-unsubscribe-post".split(" ")) {
      assert.ok(signed.includes(name), name)
    }
  })

  it("is of the domain above, where the sender is of one below", async () => {
    const raw = await received("hello@mail.JobSwipe.example", { ...DKIM, DKIM_SELECTOR: "k2.2026" })
    const { tags, isGenuine } = verify(raw, publicKey)
    assert.deepEqual([isGenuine, tags.d, tags.s], [true, "jobswipe.example", "k2.2026"])
  })

  it("breaks when somebody changes a word, a link or the subject", async () => {
    const raw = await received("hello@movr.example")
    const changes = [
      ["Gr=C3=BC=C3=9Fe", "Grusse"],
      ["app.example/u", "evil.example/u"],
      ["jane@example.com", "eve@example.com"],
      ["One-Click", "Two-Click"],
    ] as const
    for (const [from, to] of changes) {
      assert.ok(raw.includes(from))
      assert.equal(verify(raw.replace(from, to), publicKey).isGenuine, false, to)
    }
    const other = generateKeyPairSync("rsa", { modulusLength: 2_048 })
    assert.equal(verify(raw, other.publicKey).isGenuine, false)
  })

  it("signs nobody else’s mail", async () => {
    for (const address of [
      "a@evilmovr.example",
      "a@movr.example.evil.example",
      "a@example",
      "a@introgy.example",
    ]) {
      assert.doesNotMatch(await received(address), /^DKIM-Signature:/m)
    }
    assert.doesNotMatch(await received("hello@movr.example", {}), /^DKIM-Signature:/m)
  })

  it("takes a key whose line breaks are written out", async () => {
    const DKIM_PRIVATE_KEY = pem(privateKey).replaceAll("\n", "\\n")
    const raw = await received("hello@movr.example", { ...DKIM, DKIM_PRIVATE_KEY })
    assert.equal(verify(raw, publicKey).isGenuine, true)
  })

  it("refuses half a setting, and a key that can’t sign, without showing it", () => {
    const { DKIM_DOMAINS, DKIM_PRIVATE_KEY } = DKIM
    const ec = pem(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey)
    const faults: [Record<string, string>, RegExp][] = [
      [{ DKIM_DOMAINS }, /^DKIM_PRIVATE_KEY is needed/],
      [{ DKIM_PRIVATE_KEY }, /^DKIM_DOMAINS is needed/],
      [
        { DKIM_DOMAINS, DKIM_PRIVATE_KEY: "a very secret text that is no key" },
        /^DKIM_PRIVATE_KEY must be an RSA/,
      ],
      [{ DKIM_DOMAINS, DKIM_PRIVATE_KEY: ec }, /^DKIM_PRIVATE_KEY must be an RSA/],
      [{ ...DKIM, DKIM_DOMAINS: "movr.example,no domain" }, /^DKIM_DOMAINS must be/],
      [{ ...DKIM, DKIM_SELECTOR: "a;b" }, /^DKIM_SELECTOR must be/],
    ]
    for (const [settings, message] of faults) {
      assert.throws(
        () => readConfig({ ...env, ...settings }),
        (error: ConfigError) =>
          error instanceof ConfigError &&
          message.test(error.message) &&
          !/secret text|BEGIN/.test(error.message),
      )
    }
  })
})

/** RFC 6376 with relaxed/relaxed, read anew from the RFC: sections 3.4.2, 3.4.4 and 6.1.3. */
function verify(raw: string, key: KeyObject): { tags: Record<string, string>; isGenuine: boolean } {
  const end = raw.indexOf("\r\n\r\n")
  const headers = raw.slice(0, end).split(/\r\n(?![ \t])/)
  const relaxed = (header: string) => {
    const colon = header.indexOf(":")
    const value = header
      .slice(colon + 1)
      .replaceAll("\r\n", "")
      .replace(/[ \t]+/g, " ")
      .trim()
    return `${header.slice(0, colon).trim().toLowerCase()}:${value}`
  }
  const nameOf = (header: string) => header.slice(0, header.indexOf(":")).toLowerCase()
  const signature = headers.find((header) => nameOf(header) === "dkim-signature") ?? ""
  const tags: Record<string, string> = Object.fromEntries(
    signature
      .slice(signature.indexOf(":") + 1)
      .split(";")
      .map((tag) => [
        tag.slice(0, tag.indexOf("=")).trim(),
        tag.slice(tag.indexOf("=") + 1).replace(/\s+/g, ""),
      ]),
  )

  const body = `${raw
    .slice(end + 4)
    .split("\r\n")
    .map((line) => line.replace(/[ \t]+/g, " ").replace(/ $/, ""))
    .join("\r\n")
    .replace(/(\r\n)*$/, "")}\r\n`
  const bodyHash = createHash("sha256").update(body).digest("base64")

  const signed = (tags.h ?? "")
    .split(":")
    .map((name) => headers.findLast((header) => nameOf(header) === name) ?? "")
  const unsigned = relaxed(signature).replace(/(?<=[; ]b=)[^;]*/, "")
  const verifier = createVerify("sha256").update([...signed.map(relaxed), unsigned].join("\r\n"))
  return { tags, isGenuine: bodyHash === tags.bh && verifier.verify(key, tags.b ?? "", "base64") }
}
