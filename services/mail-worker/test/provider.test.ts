import assert from "node:assert/strict"
import { ConfigError } from "@gatepost/runtime"
import { type MailProvider, mailProvider, type ProviderFault } from "@gatepost/testkit"
import { readConfig } from "#src/config.js"
import { createHttpTransport } from "#src/http-transport.js"
import type { SendResult } from "#src/transport.js"
import { app, backends, type PostOffice, secret, setup, until } from "./support/setup.js"

for (const backend of backends) {
  describe(`a provider with an idempotency key, with BullMQ on ${backend}`, function () {
    this.timeout(60_000)
    let office: PostOffice
    let provider: MailProvider

    beforeEach(async function () {
      office = await setup(this, backend)
      provider = await mailProvider()
      await office.work({ SMTP_URL: provider.url })
    })
    afterEach(async () => {
      provider?.fail(undefined)
      await office?.close()
      await provider?.close()
    })

    it("gets each mail once, whole, under its row’s id", async () => {
      const id = await office.enqueue()
      const row = await office.settled(id, "sent")
      const [got, ...more] = provider.mails()
      assert.equal(more.length, 0)
      assert.deepEqual(
        [got?.key, got?.body.to, got?.body.from],
        [id, ["jane@example.com"], `"${app.name}" <${app.from}>`],
      )
      assert.ok(JSON.stringify(got?.body.headers).includes(row.message_id))
      assert.ok(String(got?.body.html).includes(secret))
      assert.equal(row.server_id, got?.id)
    })

    const doubts: ProviderFault[] = ["hang up after", "hang up before", "500 after"]
    for (const fault of doubts) {
      it(`is asked again after “${fault}”, even for mails that are sent once, and none is lost or doubled`, async () => {
        provider.fail(fault)
        const ids = [await office.enqueue(), await office.enqueueOnce({ recipient: "news@example.com" })]
        await until(() => provider.requests() >= 3, "it was asked again")
        provider.fail(undefined)

        for (const id of ids) await office.settled(id, "sent")
        assert.deepEqual(
          provider
            .mails()
            .map(({ key }) => key)
            .sort(),
          ids.sort(),
        )
      })
    }
  })
}

describe("what a provider says", () => {
  let provider: MailProvider

  beforeEach(async () => {
    provider = await mailProvider()
  })
  afterEach(() => provider.close())

  const mail = (more = {}) => ({
    id: "0199b8a0-0000-7000-8000-000000000000",
    from: { name: "Job “Swipe” <x>", address: "hello@jobswipe.example" },
    to: "jane@example.com",
    subject: "Confirm",
    html: "<p>Hello</p>",
    text: "Hello",
    messageId: "<1@mail.example.com>",
    date: new Date(0),
    headers: { "Auto-Submitted": "auto-generated", "Content-Language": "en" },
    ...more,
  })
  const send = (url = provider.url, more = {}): Promise<SendResult> =>
    createHttpTransport(url).send(mail(more), async () => {})

  const answers: [ProviderFault, SendResult][] = [
    [{ status: 422, name: "missing_required_field" }, refusal("HTTP 422 missing_required_field")],
    [{ status: 400, name: "validation_error" }, refusal("HTTP 400 validation_error")],
    [
      { status: 429, name: "rate_limit_exceeded", headers: { "Retry-After": "7" } },
      { kind: "unavailable", reason: "HTTP 429 rate_limit_exceeded", waitSeconds: 7 },
    ],
    [{ status: 403 }, { kind: "unavailable", reason: "HTTP 403", waitSeconds: 0 }],
    [
      { status: 409, name: "concurrent_idempotent_requests" },
      { kind: "deferred", reason: "HTTP 409 concurrent_idempotent_requests", waitSeconds: 0 },
    ],
    [
      { status: 503, name: "Said: Confirm" },
      { kind: "unanswered", reason: "HTTP 503" },
    ],
    // Somebody on the way who says 200, and is not the provider.
    [
      { status: 200, name: "We are being mended" },
      { kind: "unanswered", reason: "HTTP 200" },
    ],
    [{ status: 302 }, { kind: "unavailable", reason: "HTTP 302", waitSeconds: 0 }],
    ["hang up before", { kind: "unanswered", reason: "HTTP UND_ERR_SOCKET" }],
  ]
  for (const [fault, result] of answers) {
    it(`${JSON.stringify(fault)} is ${result.kind}`, async () => {
      provider.fail(fault)
      assert.deepEqual(await send(), result)
    })
  }

  it("counts as sent when it has the mail in other words", async () => {
    await send()
    assert.equal((await send(provider.url, { text: "Hello again" })).kind, "accepted")
    assert.equal(provider.mails().length, 1)
  })

  it("is nothing when it is away, or our key is wrong: both say that nothing was sent", async () => {
    assert.equal((await send(provider.url.replace("re_", "xx_"))).kind, "unavailable")
    await provider.close()
    assert.deepEqual(await send(), { kind: "unavailable", reason: "HTTP ECONNREFUSED" })
    provider = await mailProvider()
  })

  it("is asked by nobody whose claim is gone", async () => {
    const withheld = createHttpTransport(provider.url).send(mail(), async () => {
      throw new RangeError("fenced off")
    })
    await assert.rejects(withheld, RangeError)
    assert.equal(provider.requests(), 0)
  })

  // Check 105.
  it("is not asked without TLS in production", () => {
    const env = {
      NODE_ENV: "production",
      DATABASE_URL: "postgres://localhost/gatepost",
      MAIL_ENCRYPTION_SECRET: "0123456789 abcdefghij klmnopqrst uvwxyz",
    }
    assert.ok(readConfig({ ...env, SMTP_URL: "resend+https://:key@api.resend.com" }))
    assert.throws(() => readConfig({ ...env, SMTP_URL: provider.url }), ConfigError)
  })
})

function refusal(reason: string): SendResult {
  return { kind: "refused", reason, bounced: false }
}
