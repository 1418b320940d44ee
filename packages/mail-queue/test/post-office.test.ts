import assert from "node:assert/strict"
import { newId } from "@gatepost/runtime"
import { race } from "@gatepost/testkit"
import { createPostOffice, oldestDueSeconds, type PostOffice, uncertainMails } from "#src/index.js"
import { link, type Setup, setup } from "./support/setup.js"

const by = "an operator"
const to = { transport: "smtp.example.com", idempotent: false }

describe("an operator", () => {
  let office: Setup
  let desk: PostOffice

  beforeEach(async () => {
    office = await setup()
    desk = createPostOffice(office.database)
  })
  afterEach(() => office.close())

  const claim = async (id: string) => {
    const claim = await office.claims.claim(id)
    assert.ok(claim, "the mail could not be claimed")
    return claim
  }
  const failed = async (bounced = false) => {
    const id = await office.enqueue()
    await office.claims.markFailed(await claim(id), "SMTP 550", { bounced })
    return id
  }
  const uncertain = async () => {
    const id = await office.enqueue()
    await office.query("update mail.messages set policy = 'once' where id = ?", [id])
    const held = await claim(id)
    await office.claims.handOff(held, to)
    await office.claims.markUncertain(held, "SMTP ETIMEDOUT")
    return id
  }

  it("lists mails, the newest first, by state, lane and recipient, page by page", async () => {
    const ids = [
      await office.enqueue(),
      await office.enqueue({ recipient: "Kim@Example.com" }),
      await failed(),
    ]
    const listed = async (filter = {}) => (await desk.list(filter)).map(({ id }) => id)

    assert.deepEqual(await listed(), ids.toReversed())
    assert.deepEqual(await listed({ state: "failed_permanent" }), [ids[2]])
    assert.deepEqual(await listed({ recipient: "kim@example.com" }), [ids[1]])
    assert.deepEqual(await listed({ lane: "bulk" }), [])
    assert.deepEqual(await listed({ limit: 2 }), [ids[2], ids[1]])
    assert.deepEqual(await listed({ limit: 2, before: ids[1] }), [ids[0]])
    assert.equal((await listed({ limit: -1 })).length, 1)
    const [newest] = await desk.list({ limit: 1 })
    assert.deepEqual(await listed({ since: newest?.createdAt }), [ids[2]])
  })

  // Check 106.
  it("sees a mail’s whole timeline and nothing of what it says", async () => {
    const id = await uncertain()
    const mail = await desk.show(id)
    assert.deepEqual(
      mail?.timeline.map(({ from, to }) => [from, to]),
      [
        [null, "queued"],
        ["queued", "claimed"],
        ["claimed", "handing_off"],
        ["handing_off", "uncertain"],
      ],
    )
    assert.deepEqual([mail?.transport, mail?.sendable], [to.transport, true])
    assert.ok(!JSON.stringify([mail, await desk.list()]).includes(link))
    assert.equal(await desk.show("0199b8a0-0000-7000-8000-000000000000"), undefined)
  })

  it("has a mail sent after all that was given up or is uncertain, once however often he asks", async () => {
    for (const id of [await failed(), await uncertain()]) {
      const answers = await race(16, () => desk.retry(id, by))
      assert.equal(answers.filter(({ kind }) => kind === "queued").length, 1)
      const again = await claim(id)
      assert.equal(again.attempt, 2)
      assert.deepEqual(await desk.retry(id, by), { kind: "not-at-rest", state: "claimed" })
      assert.ok((await office.timeline(id)).includes(`queued: sent again by ${by}`))
    }
  })

  it("learns whether a second copy may arrive", async () => {
    assert.deepEqual(await desk.retry(await failed(), by), {
      kind: "queued",
      from: "failed_permanent",
      mayDouble: false,
    })
    assert.deepEqual(await desk.retry(await uncertain(), by), {
      kind: "queued",
      from: "uncertain",
      mayDouble: true,
    })
  })

  it("can’t send what is on its way, was sent, or has expired", async () => {
    const [queued, moving, sent, dead] = [
      await office.enqueue(),
      await office.enqueue(),
      await office.enqueue(),
      await failed(),
    ]
    await claim(moving)
    const held = await claim(sent)
    await office.claims.handOff(held, to)
    await office.claims.markSent(held, undefined)
    await office.query("update mail.messages set expires_at = now() where id = ?", [dead])
    const outcome = async (id: string) => {
      const retried = await desk.retry(id, by)
      return retried.kind === "not-at-rest" ? retried.state : retried.kind
    }
    assert.deepEqual(await Promise.all([queued, moving, sent, dead, newId()].map(outcome)), [
      "queued",
      "claimed",
      "sent",
      "expired",
      "unknown",
    ])
    assert.equal((await office.row(queued)).state, "queued")
    assert.deepEqual(await office.timeline(queued), ["queued"])
  })

  it("closes an uncertain mail for good", async () => {
    const id = await uncertain()
    assert.deepEqual([await desk.close(id, by), await desk.close(id, by)], [true, false])
    assert.deepEqual(await desk.retry(id, by), { kind: "expired" })
    assert.equal((await office.timeline(id)).at(-1), `closed_uncertain: closed by ${by}`)
    const { state, payload } = await office.row(id)
    assert.deepEqual([state, payload], ["closed_uncertain", null])
  })

  it("keeps an address from getting mail, in whatever letters it is written, until he lets it again", async () => {
    await desk.suppress("Jane@Example.com", { by, detail: "asked for it" })
    const id = await office.enqueue({ recipient: "JANE@example.com" })
    assert.equal(await office.claims.claim(id), undefined)
    assert.deepEqual(await office.timeline(id), ["queued", "suppressed: the address gets no mail: operator"])
    const [listed] = await desk.listSuppressions()
    assert.deepEqual(
      [listed?.address, listed?.detail, listed?.expiresAt],
      ["jane@example.com", "asked for it", null],
    )

    assert.deepEqual(
      [await desk.unsuppress("jane@EXAMPLE.com", "kim"), await desk.unsuppress("jane@example.com", by)],
      [true, false],
    )
    const { current, history } = await desk.findSuppression("JANE@example.com")
    assert.equal(current, undefined)
    assert.deepEqual(
      history.map(({ action, by, detail }) => [action, by, detail]),
      [
        ["suppressed", by, "asked for it"],
        ["unsuppressed", "kim", null],
      ],
    )
    assert.equal((await desk.retry(id, by)).kind, "queued")
    assert.equal((await claim(id)).recipient, "JANE@example.com")
    await assert.rejects(desk.suppress("jane@example.com, eve@evil.example", { by }), TypeError)
  })

  it("finds addresses that bounced, which get mail again after a month", async () => {
    await failed(true)
    const id = await office.enqueue()
    assert.equal(await office.claims.claim(id), undefined)
    const [listed] = await desk.listSuppressions()
    assert.deepEqual(
      [listed?.address, listed?.reason, listed?.detail],
      ["jane@example.com", "bounce", "SMTP 550"],
    )

    await office.query("update mail.suppressions set expires_at = now()")
    assert.deepEqual(await desk.listSuppressions(), [])
    assert.ok(await office.claims.claim(await office.enqueue()))
  })

  it("is told by two figures that mail does not leave, and that somebody must decide", async () => {
    assert.deepEqual(await oldestDueSeconds(office.database), { otp: 0, transactional: 0, bulk: 0 })
    const [waiting, enqueued, later] = [
      await office.enqueue(),
      await office.enqueue(),
      await office.enqueue(),
    ]
    const due = (id: string, seconds: number, enqueuedAt: string) =>
      office.query(
        `update mail.messages set not_before = now() - make_interval(secs => ?), enqueued_at = ${enqueuedAt} where id = ?`,
        [seconds, id],
      )
    await due(waiting, 40, "null")
    await due(enqueued, 90, "now()")
    await due(later, -90, "null")
    const { otp, bulk } = await oldestDueSeconds(office.database)
    assert.ok(otp >= 90 && otp < 100)
    assert.equal(bulk, 0)

    assert.deepEqual(await uncertainMails(office.database), { otp: 0, transactional: 0, bulk: 0 })
    await uncertain()
    assert.deepEqual(await uncertainMails(office.database), { otp: 1, transactional: 0, bulk: 0 })
  })
})
