import assert from "node:assert/strict"
import { InvalidMailError, type OutgoingMail } from "#src/index.js"
import { link, mail, payload, type Setup, setup } from "./support/setup.js"

describe("the outbox", () => {
  let office: Setup

  before(async () => {
    office = await setup()
  })
  after(() => office.close())

  const count = async () => {
    const [row] = await office.query<{ count: string }>("select count(*) from mail.messages")
    return Number(row?.count)
  }

  it("writes a mail that is queued, in its kind’s lane, with a stable Message-ID", async () => {
    const id = await office.enqueue()

    const row = await office.row(id)
    assert.equal(row.state, "queued")
    assert.equal(row.lane, "otp")
    assert.equal(row.message_id, `<${id}@mail.example.com>`)
    assert.deepEqual(await office.timeline(id), ["queued"])
  })

  it("leaves nothing of a transaction that is rolled back", async () => {
    const before = await count()
    await assert.rejects(
      office.auth.transaction(async (trx) => {
        await office.outbox.enqueue(trx, mail())
        throw new Error("undo")
      }),
    )
    assert.equal(await count(), before)
  })

  // Check 106.
  it("stores what the mail says encrypted, and bound to its row", async () => {
    const { payload: first } = await office.row(await office.enqueue())
    const second = await office.enqueue()
    assert.ok(first && !first.includes("a-secret-token"))

    await office.query("update mail.messages set payload = ? where id = ?", [first, second])
    const claim = await office.claims.claim(second)
    assert.throws(() => claim && office.claims.open(claim))
  })

  it("writes one mail per dedupKey", async () => {
    const more = { dedupKey: "reset jane 1" }
    const id = await office.enqueue(more)
    const again = await office.auth.transaction((trx) => office.outbox.enqueue(trx, mail(more)))

    assert.ok(id)
    assert.equal(again, undefined)
  })

  it("lets the services write mails and do nothing else", async () => {
    const denied = { code: "42501" }
    await office.enqueue()
    await assert.rejects(office.auth.db.raw("select id from mail.messages"), denied)
    await assert.rejects(office.auth.db.raw("update mail.messages set state = 'sent'"), denied)
    await assert.rejects(office.auth.db.raw("delete from mail.messages"), denied)
    await assert.rejects(office.auth.db.raw("select * from mail.events"), denied)
    await assert.rejects(
      office.auth.db.raw("insert into mail.events (message_id, to_state) values (gen_random_uuid(), 'sent')"),
      denied,
    )
    await assert.rejects(office.auth.db.raw("insert into mail.messages (state) values ('sent')"), denied)
  })

  const refused: Record<string, unknown> = {
    // Check 102.
    "two recipients": { recipient: "jane@example.com,eve@evil.example" },
    "a recipient with a header": { recipient: "jane@example.com\r\nBcc: eve@evil.example" },
    "a sender that is two": { payload: { ...payload, app: { ...payload.app, from: "a@x.io, b@y.io" } } },
    // Check 104.
    "a file as its link": { payload: { ...payload, link: { path: "/etc/passwd" } } },
    "a URL as its body": { payload: { ...payload, html: { href: "http://127.0.0.1:9" } } },
    "a payload of 100 KB": { payload: { ...payload, link: `https://x.io/${"x".repeat(100_000)}` } },
    "recipients as a list": { recipient: ["jane@example.com", "eve@evil.example"] },
    "an unknown kind": { kind: "newsletter" },
    "no payload": { payload: {} },
    "a locale that is none": { locale: "en\r\nBcc: eve@evil.example" },
    "no lifetime": { expiresInSeconds: 0 },
    "an endless lifetime": { expiresInSeconds: Number.POSITIVE_INFINITY },
    "an endless key": { dedupKey: "k".repeat(201) },
  }
  for (const [what, more] of Object.entries(refused)) {
    it(`refuses ${what}, and the transaction goes on`, async () => {
      const before = await count()
      await office.auth.transaction(async (trx) => {
        await assert.rejects(
          office.outbox.enqueue(trx, mail(more as Partial<OutgoingMail>)),
          (cause: Error) => {
            assert.ok(cause instanceof InvalidMailError)
            assert.ok(!cause.message.includes(link))
            return true
          },
        )
        await office.outbox.enqueue(trx, mail())
      })
      assert.equal(await count(), before + 1)
    })
  }
})
