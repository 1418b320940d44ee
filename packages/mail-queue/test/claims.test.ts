import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import type { Claim } from "#src/index.js"
import { link, payload, type Setup, setup } from "./support/setup.js"

describe("a claim", () => {
  let office: Setup

  before(async () => {
    office = await setup()
  })
  after(() => office.close())

  const to = { transport: "smtp.example.com", idempotent: false }
  const claimed = async (id: string, options?: { takeOver?: boolean }): Promise<Claim> => {
    const claim = await office.claims.claim(id, options)
    assert.ok(claim, "the mail could not be claimed")
    return claim
  }

  it("is won by one of twenty", async () => {
    const id = await office.enqueue()
    const claims = await race(20, () => office.claims.claim(id))

    const [winner, ...others] = claims.filter((claim) => claim !== undefined)
    assert.ok(winner)
    assert.equal(others.length, 0)
    assert.deepEqual(office.claims.open(winner), { kind: "verify-email", payload })
    assert.equal((await office.row(id)).attempts, 1)
  })

  it("taken over by twenty at once leaves one that holds", async () => {
    const id = await office.enqueue()
    const first = await claimed(id)
    const claims = await race(20, () => office.claims.claim(id, { takeOver: true }))
    const winners = claims.filter((claim) => claim !== undefined)
    const holding = await race(winners.length, (index) => office.claims.handOff(winners[index] as Claim, to))

    assert.equal(holding.filter(Boolean).length, 1)
    assert.equal(await office.claims.handOff(first, to), false)
  })

  it("that was taken over changes nothing any more", async () => {
    const id = await office.enqueue()
    const zombie = await claimed(id)
    const heir = await claimed(id, { takeOver: true })

    const { updated_at: before } = await office.row(id)
    await office.claims.renew([zombie])
    assert.deepEqual((await office.row(id)).updated_at, before)
    assert.equal(await office.claims.handOff(zombie, to), false)
    assert.equal(await office.claims.markSent(zombie, "x"), false)
    assert.equal(await office.claims.markUncertain(zombie, "x"), false)
    assert.equal(await office.claims.markRetry(zombie, "x", 1), false)
    assert.equal(await office.claims.markFailed(zombie, "x"), false)
    assert.equal(await office.claims.markExpired(zombie), false)
    assert.equal((await office.row(id)).state, "claimed")
    assert.equal(await office.claims.handOff(heir, to), true)
    assert.equal(await office.claims.markSent(heir, "250-1"), true)
  })

  it("is not given for a mail that is absent, at its end, not due, or expired", async () => {
    const sent = await office.enqueue()
    const last = await claimed(sent)
    await office.claims.handOff(last, to)
    await office.claims.markSent(last, undefined)
    const waiting = await office.enqueue()
    await office.claims.markRetry(await claimed(waiting), "451", 60)
    const failed = await office.enqueue()
    await office.claims.markFailed(await claimed(failed), "550")
    const expired = await office.enqueue({ expiresInSeconds: 0.001 })
    const absent = "0199b8a0-0000-7000-8000-000000000000"

    for (const id of [sent, waiting, failed, expired, absent]) {
      assert.equal(await office.claims.claim(id, { takeOver: true }), undefined)
    }
    assert.equal(await office.claims.exists(sent), true)
    assert.equal(await office.claims.exists(absent), false)
  })

  it("ends with the mail sent, and its secret wiped, but only after the hand-over", async () => {
    const id = await office.enqueue()
    const claim = await claimed(id)
    assert.equal(await office.claims.markSent(claim, "42"), false)
    assert.equal(await office.claims.handOff(claim, to), true)
    assert.equal(await office.claims.markSent(claim, "42"), true)

    const { state, payload: left } = await office.row(id)
    assert.deepEqual([state, left], ["sent", null])
    assert.deepEqual(await office.timeline(id), [
      "queued",
      "claimed: attempt 1",
      "handing_off: smtp.example.com",
      "sent: 42",
    ])
  })

  it("ends with another attempt, which is due after the delay and gets the same Message-ID and date", async () => {
    const id = await office.enqueue()
    const first = await claimed(id)
    await office.claims.markRetry(first, "SMTP 451", 30)
    await office.query("update mail.messages set not_before = now() where id = ?", [id])
    const second = await claimed(id)

    assert.deepEqual(
      [second.messageId, second.createdAt, second.attempt],
      [first.messageId, first.createdAt, 2],
    )
    assert.notEqual(second.token, first.token)
    assert.deepEqual(await office.timeline(id), [
      "queued",
      "claimed: attempt 1",
      "retry_wait: SMTP 451",
      "claimed: attempt 2",
    ])
  })

  it("does not outlive the mail: at the last instant an expired one is withdrawn", async () => {
    const id = await office.enqueue()
    const claim = await claimed(id)
    assert.equal(await office.claims.markExpired(claim), false)

    await office.query("update mail.messages set expires_at = now() where id = ?", [id])
    assert.equal(await office.claims.handOff(claim, to), false)
    assert.equal(await office.claims.markExpired(claim), true)
    const { state, payload: left } = await office.row(id)
    assert.deepEqual([state, left], ["expired", null])
  })

  it("marks as many mails at once as there are, each for itself", async () => {
    const ids = await Promise.all(Array.from({ length: 40 }, () => office.enqueue()))
    const claims = await race(40, (index) => claimed(ids[index] as string))
    const fenced = claims[7] as Claim
    await claimed(fenced.id, { takeOver: true })

    const handedOff = await race(40, (index) => office.claims.handOff(claims[index] as Claim, to))
    const sent = await race(40, (index) => office.claims.markSent(claims[index] as Claim, `no ${index}`))
    for (const held of [handedOff, sent])
      assert.deepEqual(
        held,
        claims.map((claim) => claim !== fenced),
      )
    for (const [index, id] of ids.entries()) {
      if (index !== 7) assert.equal((await office.row(id)).server_id, `no ${index}`)
    }
  })

  it("is opened only with the services’ secret, and tells nothing otherwise", async () => {
    const claim = await claimed(await office.enqueue())
    const forged = { ...claim, id: await office.enqueue() }
    assert.throws(
      () => office.claims.open(forged),
      (cause: Error) => !cause.message.includes(link),
    )
  })
})
