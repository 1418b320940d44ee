import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"
import { race, until } from "@gatepost/testkit"
import {
  APPS,
  type ChannelsBundle,
  changePreferences,
  contactFact,
  deliveriesOf,
  ended,
  hasten,
  learn,
  mailsTo,
  notify,
  person,
  planned,
  setupChannels,
} from "../support/channels.js"
import { markRead } from "../support/setup.js"
import { userToken } from "../support/signer.js"

const INSTANT = { categories: { "*": { email: "instant" } } }

describe("a notification by mail", () => {
  let app: ChannelsBundle

  before(async () => {
    app = await setupChannels({ MAILS_PER_HOUR: "3" })
  })
  after(() => app.stop())

  const addressOf = (userId: string) => `${userId}@example.com`
  const mailsOf = (userId: string) => mailsTo(app, addressOf(userId))
  const outcomes = async (userId: string, count: number) =>
    (await ended(app, userId, count)).map(({ outcome }) => outcome)

  describe("at once", () => {
    it("is a mail of the bulk lane, of its app, with a link that ends such mails", async () => {
      const userId = await person(app, { locale: "de-AT" })
      await changePreferences(app, userId, INSTANT).expect(200)
      await notify(app, userId, { link: "movr://matches/1" })
      assert.deepEqual(await outcomes(userId, 1), ["sent"])

      const [mail] = await mailsOf(userId)
      assert.ok(mail)
      assert.deepEqual(
        [mail.kind, mail?.lane, mail?.policy, mail?.locale],
        ["notification", "bulk", "once", "de-AT"],
      )
      const { unsubscribe_url, created_at: _at, ...says } = mail.payload as Record<string, unknown>
      assert.deepEqual(says, {
        app: { name: "JobSwipe", from: "hi@jobswipe.example", color: "#2457d6" },
        greeting_name: "Ada",
        title: "Hello",
        body: "You have a match",
        link: "movr://matches/1",
      })
      assert.match(
        String(unsubscribe_url),
        /^http:\/\/localhost:8000\/notifications\/unsubscribe\?key=[0-9a-f-]{36}&category=match&app=backend$/,
      )
    })

    it("goes to nobody whose address is not proved, who is suspended, or whose account is gone", async () => {
      for (const more of [{ email_verified: false }, { is_active: false }]) {
        const userId = await person(app, more)
        await changePreferences(app, userId, INSTANT).expect(200)
        await notify(app, userId)
        assert.deepEqual(await outcomes(userId, 1), ["unreachable"])
        assert.deepEqual(await mailsOf(userId), [])
      }
    })

    it("waits for somebody who was not told of yet, and goes where they are reached by then", async () => {
      const userId = randomUUID()
      await changePreferences(app, userId, INSTANT).expect(200)
      await notify(app, userId)
      await until("waiting", async () => ((await deliveriesOf(app, userId))[0]?.seconds ?? 0) > 20)
      await learn(app, APPS, contactFact(userId)).expect(200)
      await hasten(app, userId)
      assert.deepEqual(await outcomes(userId, 1), ["sent"])
      assert.equal((await mailsOf(userId)).length, 1)
    })

    it("comes no oftener than somebody can bear; the rest waits for the digest", async () => {
      const userId = await person(app)
      await changePreferences(app, userId, INSTANT).expect(200)
      for (let count = 0; count < 5; count++) await notify(app, userId)
      await outcomes(userId, 3)
      await planned(app, userId)
      const waiting = (await deliveriesOf(app, userId)).filter(({ channel }) => channel === "digest")
      assert.equal(waiting.length, 2)
      assert.equal((await mailsOf(userId)).length, 3)
    })

    it("with a link or texts that no mail can have holds up nobody else’s", async () => {
      const [odd, other] = [
        await person(app, { email: "two@example.com, three@example.com" }),
        await person(app),
      ]
      for (const userId of [odd, other]) {
        await changePreferences(app, userId, INSTANT).expect(200)
        await notify(app, userId)
      }
      assert.deepEqual(await outcomes(odd, 1), ["refused"])
      assert.deepEqual(await outcomes(other, 1), ["sent"])
    })
  })

  describe("in a digest", () => {
    it("waits for the time of its person’s own clock, and comes with the others", async () => {
      const userId = await person(app)
      await changePreferences(app, userId, {
        time_zone: "Pacific/Auckland",
        digest: { every: "day", at: "07:30" },
      }).expect(200)
      const ids: string[] = []
      for (const title of ["One", "Two", "Three"]) ids.push(await notify(app, userId, { title }))
      await planned(app, userId)
      const waiting = await deliveriesOf(app, userId)
      for (const { due_at, outcome } of waiting) {
        assert.equal(outcome, null)
        const local = due_at.toLocaleTimeString("en-GB", { timeZone: "Pacific/Auckland", timeStyle: "short" })
        assert.equal(local, "07:30")
      }
      // What was read in the app meanwhile needs no mail.
      await markRead(app, userToken(userId), ids[1] ?? "").expect(200)
      await hasten(app, userId)
      assert.deepEqual((await outcomes(userId, 3)).sort(), ["read", "sent", "sent"])

      const mails = await mailsOf(userId)
      assert.equal(mails.length, 1)
      const { notices, more, time_zone } = mails[0]?.payload ?? {}
      assert.equal(mails[0]?.kind, "notification-digest")
      assert.deepEqual(
        notices?.map(({ title }) => title),
        ["One", "Three"],
      )
      assert.deepEqual([more, time_zone], [0, "Pacific/Auckland"])
    })

    it("shows the newest twenty and counts the rest", async () => {
      const userId = await person(app)
      for (let count = 1; count <= 23; count++) await notify(app, userId, { title: `No ${count}` })
      await planned(app, userId)
      await hasten(app, userId)
      await outcomes(userId, 23)
      const [mail] = await mailsOf(userId)
      assert.equal(mail?.payload.notices?.length, 20)
      assert.equal(mail?.payload.notices?.at(-1)?.title, "No 23")
      assert.equal(mail?.payload.more, 3)
    })

    it("is one for each person, however many processes write it at once", async () => {
      const others = [await app.another(), await app.another()]
      const people = await race(8, () => person(app))
      for (const userId of people) for (let count = 0; count < 4; count++) await notify(app, userId)
      for (const userId of people) await planned(app, userId)
      await app.db.query("update notifications.deliveries set due_at = now() where ended_at is null")
      for (const userId of people) {
        assert.deepEqual(await outcomes(userId, 4), ["sent", "sent", "sent", "sent"])
        assert.equal((await mailsOf(userId)).length, 1)
      }
      for (const other of others) await other.stop()
    })

    it("has nothing that its person wants no more", async () => {
      const userId = await person(app)
      await notify(app, userId)
      await notify(app, userId, { category: "news" })
      await planned(app, userId)
      await changePreferences(app, userId, { categories: { news: { email: "off" } } }).expect(200)
      await hasten(app, userId)
      assert.deepEqual((await outcomes(userId, 2)).sort(), ["sent", "unwanted"])
      const [mail] = await mailsOf(userId)
      assert.equal(mail?.payload.notices?.length, 1)
    })
  })

  it("is nothing that is kept of somebody whose account is gone", async () => {
    const userId = await person(app)
    await notify(app, userId)
    await planned(app, userId)
    await learn(app, { kind: "account-deleted", version: 9, user_id: userId }).expect(200)
    // A late fact of before brings nobody back.
    await learn(app, contactFact(userId, { version: 8 })).expect(200)
    for (const table of ["messages", "deliveries", "reach", "preferences", "devices"])
      assert.deepEqual(
        await app.db.query(`select from notifications.${table} where user_id = :userId`, { userId }),
        [],
      )
    const [left] = await app.db.query(
      "select email, name, is_active from notifications.contacts where user_id = :userId",
      {
        userId,
      },
    )
    assert.deepEqual(left, { email: null, name: null, is_active: false })
  })
})
