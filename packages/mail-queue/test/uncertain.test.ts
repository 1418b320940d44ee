import assert from "node:assert/strict"
import type { Claim } from "#src/index.js"
import { type Setup, setup } from "./support/setup.js"

const smtp = { transport: "smtp.example.com", idempotent: false }
const provider = { transport: "api.example.com", idempotent: true }

describe("a mail that was handed over and never answered", () => {
  let office: Setup

  before(async () => {
    office = await setup()
  })
  after(() => office.close())

  const handedOff = async (policy: "resend" | "once", to = smtp): Promise<Claim> => {
    const id = await office.enqueue()
    await office.query("update mail.messages set policy = ? where id = ?", [policy, id])
    const claim = await office.claims.claim(id)
    assert.ok(claim)
    assert.equal(await office.claims.handOff(claim, to), true)
    return claim
  }
  const state = async ({ id }: Claim) => (await office.row(id)).state
  const silence = ({ id }: Claim) =>
    office.query("update mail.messages set updated_at = now() - interval '4 seconds' where id = ?", [id])

  it("is sent again where its policy is to resend, with the same Message-ID and date", async () => {
    const claim = await handedOff("resend")
    assert.equal(await office.claims.markUncertain(claim, "SMTP ETIMEDOUT"), true)

    const again = await office.claims.claim(claim.id)
    assert.deepEqual([again?.messageId, again?.createdAt], [claim.messageId, claim.createdAt])
    assert.deepEqual(await office.timeline(claim.id), [
      "queued",
      "claimed: attempt 1",
      "handing_off: smtp.example.com",
      "uncertain: SMTP ETIMEDOUT",
      "retry_wait: SMTP ETIMEDOUT",
      "claimed: attempt 2",
    ])
  })

  it("is never sent again by itself where its policy is once, and stays listed", async () => {
    const claim = await handedOff("once")
    assert.equal(await office.claims.markUncertain(claim, "SMTP ETIMEDOUT"), true)

    assert.equal(await office.claims.claim(claim.id, { takeOver: true }), undefined)
    assert.equal(await state(claim), "uncertain")
    assert.notEqual((await office.row(claim.id)).payload, null)
  })

  it("is known to be sent once the worker that had it hears the server after all", async () => {
    const claim = await handedOff("once")
    await office.claims.markUncertain(claim, "SMTP ETIMEDOUT")
    assert.equal(await office.claims.markSent({ ...claim, token: claim.id }, "42"), false)
    assert.equal(await office.claims.markSent(claim, "42"), true)
    assert.equal(await state(claim), "sent")
  })

  it("is not taken from a worker that shows signs of life, whatever the queue believes", async () => {
    const claim = await handedOff("resend")
    assert.equal(await office.claims.claim(claim.id, { takeOver: true }), undefined)
    assert.equal(await state(claim), "handing_off")

    await silence(claim)
    await office.claims.renew([claim])
    assert.equal(await office.claims.claim(claim.id, { takeOver: true }), undefined)
    assert.equal(await office.claims.markSent(claim, undefined), true)
  })

  it("is taken over from one that is silent, by its policy; who had it is fenced off", async () => {
    const code = await handedOff("resend")
    const news = await handedOff("once")
    for (const claim of [code, news]) await silence(claim)

    const heir = await office.claims.claim(code.id, { takeOver: true })
    assert.equal(heir?.attempt, 2)
    assert.equal(await office.claims.markSent(code, "late"), false)
    assert.equal(await office.claims.claim(news.id, { takeOver: true }), undefined)
    assert.equal(await state(news), "uncertain")
  })

  it("goes again, whatever its policy, to the transport that drops a second copy, and to no other", async () => {
    const claim = await handedOff("once", provider)
    await office.claims.markUncertain(claim, "HTTP timeout")
    const again = await office.claims.claim(claim.id)
    assert.equal(again?.boundTo, provider.transport)

    assert.ok(again)
    await office.claims.markRetry(again, "HTTP 429", 0)
    assert.equal((await office.claims.claim(claim.id))?.boundTo, provider.transport)
  })

  it("is not given to such a transport once that may have forgotten it", async () => {
    const claim = await handedOff("once", provider)
    await office.query("update mail.messages set handed_off_at = now() - interval '21 hours' where id = ?", [
      claim.id,
    ])
    await office.claims.markUncertain(claim, "HTTP timeout")
    assert.equal(await state(claim), "uncertain")
  })

  it("is not said to have failed or expired when the next attempt ends so", async () => {
    for (const end of ["refused", "expired"]) {
      const claim = await handedOff("resend")
      await office.claims.markUncertain(claim, "SMTP ETIMEDOUT")
      const again = await office.claims.claim(claim.id)
      assert.ok(again)
      await office.query("update mail.messages set expires_at = now() where id = ?", [claim.id])
      if (end === "refused") await office.claims.markFailed(again, "550")
      else await office.claims.markExpired(again)
      assert.equal(await state(claim), "closed_uncertain")
    }
  })
})
