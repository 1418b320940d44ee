import assert from "node:assert/strict"
import { randomBytes, randomUUID } from "node:crypto"
import { until } from "@gatepost/testkit"
import {
  APPS,
  type ChannelsBundle,
  changePreferences,
  deliveriesOf,
  devicesOf,
  ended,
  hasten,
  learn,
  notify,
  planned,
  register,
  setupChannels,
} from "../support/channels.js"
import { refusals } from "../support/fcm-service.js"
import type { Browser } from "../support/push-service.js"
import { markAllRead } from "../support/setup.js"
import { serviceToken, userToken } from "../support/signer.js"

describe("a push", () => {
  let app: ChannelsBundle

  before(async () => {
    app = await setupChannels({ PUSHES_PER_HOUR: "5" })
  })
  after(() => app.stop())

  /** Somebody who gets pushes and no mails, in this browser. */
  const withBrowser = async (
    userId: string = randomUUID(),
  ): Promise<{ userId: string; browser: Browser }> => {
    const browser = app.push.browser()
    await register(app, userId, { kind: "web-push", subscription: browser.subscription }).expect(200)
    await changePreferences(app, userId, { categories: { "*": { email: "off" } } }).expect(200)
    return { userId, browser }
  }
  const withPhone = async (userId: string = randomUUID()) => {
    const token = randomBytes(24).toString("base64url")
    await register(app, userId, { kind: "fcm", token }).expect(200)
    await changePreferences(app, userId, { categories: { "*": { email: "off" } } }).expect(200)
    return { userId, token, sent: () => app.fcm.messages.filter((message) => message.token === token) }
  }
  const outcomes = async (userId: string, count: number) =>
    (await ended(app, userId, count)).map(({ outcome }) => outcome)

  it("reaches a browser, which alone can read it, and replaces itself there", async () => {
    const { userId, browser } = await withBrowser()
    const link = "https://app.example/matches/1"
    const id = await notify(app, userId, { link, data: { match: 1 } })
    assert.deepEqual(await outcomes(userId, 1), ["sent"])
    const [push] = browser.pushes
    const expected = {
      id,
      category: "match",
      title: "Hello",
      link,
      body: "You have a match",
      data: { match: 1 },
    }
    assert.deepEqual(push?.payload, expected)
    assert.equal(push?.headers.topic, Buffer.from(id.replaceAll("-", ""), "hex").toString("base64url"))
    assert.equal(push?.headers.urgency, "normal")
    assert.ok(Number(push?.headers.ttl) > 600_000)
    assert.match(push?.claims.sub ?? "", /^mailto:/)
  })

  it("is short enough for a push service, whatever the notification has", async () => {
    const { userId, browser } = await withBrowser()
    const { userId: other, sent } = await withPhone()
    for (const to of [userId, other])
      await notify(app, to, { body: "😀".repeat(1_000), data: { much: "x".repeat(5_000) } })
    await outcomes(userId, 1)
    await outcomes(other, 1)
    assert.match(browser.pushes[0]?.payload.body ?? "", /^(😀)+…$/u)
    assert.match(sent()[0]?.notification.body ?? "", /^(😀)+…$/u)
    assert.ok(JSON.stringify(sent()[0]).length < 4_096)
  })

  it("reaches a phone by FCM, with one access token for all", async () => {
    const { userId, sent } = await withPhone()
    const id = await notify(app, userId, { data: { match: 1 } })
    assert.deepEqual(await outcomes(userId, 1), ["sent"])
    const [message] = sent()
    assert.deepEqual(message?.notification, { title: "Hello", body: "You have a match" })
    assert.deepEqual(message?.data, { id, category: "match", data: '{"match":1}' })
    assert.equal(message?.android.notification.tag, id)
    assert.equal(message?.apns.headers["apns-collapse-id"], id)
    assert.equal(app.fcm.tokensGiven, 1)
  })

  for (const status of [404, 410]) {
    it(`ends a browser’s subscription that is answered with ${status}, and no other of its person`, async () => {
      const { userId, browser } = await withBrowser()
      const other = await withBrowser(userId)
      browser.answers = [{ status }]
      await notify(app, userId)
      assert.deepEqual((await outcomes(userId, 2)).sort(), ["gone", "sent"])
      assert.equal((await devicesOf(app, userId)).length, 1)
      await notify(app, userId)
      await ended(app, userId, 3)
      assert.equal(other.browser.pushes.length, 2)
      assert.equal(browser.pushes.length, 1)
    })
  }

  for (const status of [400, 401, 403, 413, 302]) {
    it(`is given up at ${status}, and its browser is not forgotten for that`, async () => {
      const { userId, browser } = await withBrowser()
      browser.answers = [{ status, headers: { Location: `${app.push.url}/elsewhere` } }]
      await notify(app, userId)
      assert.deepEqual(await outcomes(userId, 1), ["refused"])
      assert.equal((await devicesOf(app, userId)).length, 1)
    })
  }

  for (const [name, outcome, devices] of [
    ["unregistered", "gone", 0],
    ["invalidToken", "gone", 0],
    ["otherSender", "gone", 0],
    ["invalidPayload", "refused", 1],
    ["wrongProject", "refused", 1],
  ] as const) {
    it(`that FCM refuses as ${name} is ${outcome}`, async () => {
      const { userId, token } = await withPhone()
      app.fcm.answers.set(token, [refusals[name] as never])
      await notify(app, userId)
      assert.deepEqual(await outcomes(userId, 1), [outcome])
      assert.equal((await devicesOf(app, userId)).length, devices)
    })
  }

  it("waits as long as it is told, and at least a little, and comes then", async () => {
    const { userId, browser } = await withBrowser()
    const phone = await withPhone(userId)
    browser.answers = [{ status: 429, headers: { "Retry-After": "120" } }, { status: 201 }]
    app.fcm.answers.set(phone.token, [refusals.unavailable as never])
    await notify(app, userId)
    await until("both answers", async () => {
      const rows = await deliveriesOf(app, userId)
      return rows.filter(({ last_answer }) => last_answer !== null).length === 2
    })
    const waits = (await deliveriesOf(app, userId)).map(({ seconds, last_answer }) => [
      last_answer,
      seconds > 60,
    ])
    assert.deepEqual(waits.sort(), [
      ["status 429", true],
      ["status 503 UNAVAILABLE", false],
    ])
    await hasten(app, userId)
    assert.deepEqual(await outcomes(userId, 2), ["sent", "sent"])
    assert.equal(phone.sent().length, 1)
  })

  it("waits for the end of the quiet hours, unless it is about the account itself", async () => {
    const { userId, browser } = await withBrowser()
    const [from, until_] = [-60, 60].map((minutes) =>
      new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16),
    )
    await changePreferences(app, userId, { quiet_hours: { from, until: until_ } }).expect(200)
    await notify(app, userId)
    await planned(app, userId)
    const [waiting] = await deliveriesOf(app, userId)
    assert.ok(waiting && waiting.outcome === null && waiting.seconds > 3_400 && waiting.seconds <= 3_600)

    const event = { kind: "security-event", id: randomUUID(), user_id: userId, event: "password-changed" }
    await learn(app, APPS, {
      ...event,
      at: new Date().toISOString(),
      client_id: null,
      device: null,
      ip: null,
    })
    await ended(app, userId, 1)
    assert.deepEqual(
      browser.pushes.map(({ payload, headers }) => [payload.title, headers.urgency]),
      [["Your password was changed", "high"]],
    )
    // Due too soon, as after a retry: it waits on.
    await hasten(app, userId)
    await until("waiting on", async () =>
      (await deliveriesOf(app, userId)).some(({ last_answer }) => last_answer === "quiet hours"),
    )
    assert.equal(browser.pushes.length, 1)
    await changePreferences(app, userId, { quiet_hours: null }).expect(200)
    await hasten(app, userId)
    await ended(app, userId, 2)
    assert.equal(browser.pushes.length, 2)
  })

  it("is sent no oftener than somebody can bear; the inbox has it all", async () => {
    const { userId, browser } = await withBrowser()
    for (let count = 0; count < 8; count++) await notify(app, userId)
    const all = await outcomes(userId, 8)
    assert.equal(all.filter((outcome) => outcome === "sent").length, 5)
    assert.equal(all.filter((outcome) => outcome === "throttled").length, 3)
    assert.equal(browser.pushes.length, 5)
  })

  it("does not come where its person wants none of the category, or read it before", async () => {
    const { userId, browser } = await withBrowser()
    await changePreferences(app, userId, { categories: { match: { push: "off" } } }).expect(200)
    await notify(app, userId)
    await planned(app, userId)
    assert.deepEqual(await deliveriesOf(app, userId), [])

    browser.answers = [{ status: 503 }]
    await notify(app, userId, { category: "chat" })
    await until("the answer", async () => (await deliveriesOf(app, userId))[0]?.last_answer === "status 503")
    await markAllRead(app, userToken(userId)).expect(200)
    await hasten(app, userId)
    assert.deepEqual(await outcomes(userId, 1), ["read"])
    assert.equal(browser.pushes.length, 1)
  })

  it("that was on its way to a device goes nowhere when the device is somebody else’s by then", async () => {
    const { userId, browser } = await withBrowser()
    browser.answers = [{ status: 503 }, { status: 201 }]
    await notify(app, userId)
    await until("the answer", async () => (await deliveriesOf(app, userId))[0]?.last_answer === "status 503")
    await register(app, randomUUID(), { kind: "web-push", subscription: browser.subscription }).expect(200)
    await hasten(app, userId)
    assert.deepEqual(await outcomes(userId, 1), ["gone"])
    assert.equal(browser.pushes.length, 1)
  })

  it("is sent once by two processes that work side by side", async () => {
    const second = await app.another()
    const people = await Promise.all(Array.from({ length: 12 }, () => withBrowser()))
    await Promise.all(people.flatMap(({ userId }) => [0, 1, 2].map(() => notify(app, userId))))
    for (const { userId } of people) await outcomes(userId, 3)
    assert.deepEqual(
      people.map(({ browser }) => browser.pushes.length),
      people.map(() => 3),
    )
    await second.stop()
  })

  it("whose process died in the middle is sent by another when its lease is over", async () => {
    const { userId, browser } = await withBrowser()
    // What a process leaves that was killed while it sent.
    browser.answers = [{ status: 503 }, { status: 201 }]
    await notify(app, userId)
    await until("a try", async () => (await deliveriesOf(app, userId))[0]?.last_answer === "status 503")
    await app.db.query(
      `update notifications.deliveries set last_answer = null, tries = 7, due_at = now() + interval '1 second'
       where user_id = :userId`,
      { userId },
    )
    assert.deepEqual(await outcomes(userId, 1), ["sent"])
    assert.equal((await deliveriesOf(app, userId))[0]?.tries, 8)
  })

  it("goes to everyone who has a device when it is told to everyone", async () => {
    const people = await Promise.all(Array.from({ length: 3 }, () => withBrowser()))
    await app.http
      .post("/v1/notifications/broadcasts")
      .set("Authorization", `Bearer ${serviceToken()}`)
      .send({ title: "News", body: "For all", category: "news" })
      .expect(201)
    for (const { browser } of people) await until("the news", () => browser.pushes.length === 1)
    await until(
      "the end",
      async () => (await app.db.query("select from notifications.broadcast_messages")).length === 0,
    )
  })
})
