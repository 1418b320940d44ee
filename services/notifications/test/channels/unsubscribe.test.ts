import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"
import {
  type ChannelsBundle,
  changePreferences,
  ended,
  mailsTo,
  notify,
  person,
  preferencesOf,
  setupChannels,
} from "../support/channels.js"

describe("the link that ends mails", () => {
  let app: ChannelsBundle

  before(async () => {
    app = await setupChannels()
  })
  after(() => app.stop())

  /** Somebody, and the path in a mail of theirs. */
  const withLink = async (more: object = {}) => {
    const userId = await person(app)
    await changePreferences(app, userId, { categories: { "*": { email: "instant" } } }).expect(200)
    await notify(app, userId, more)
    await ended(app, userId, 1)
    const [mail] = await mailsTo(app, `${userId}@example.com`)
    const { pathname, search } = new URL(mail?.payload.unsubscribe_url ?? "")
    return { userId, path: pathname + search }
  }
  const emailOf = async (userId: string, category = "match") =>
    (await preferencesOf(app, userId)).categories[category]?.email

  it("opens a page that changes nothing, runs nothing, and tells no site of itself", async () => {
    const { userId, path } = await withLink()
    for (let count = 0; count < 3; count++) {
      const { headers, text } = await app.http.get(path).expect(200)
      assert.match(text, /<h1>Emails from JobSwipe<\/h1>/)
      assert.doesNotMatch(text, /<script|onclick|javascript:/)
      assert.match(headers["content-security-policy"] ?? "", /default-src 'none'.*form-action 'self'/)
      assert.equal(headers["referrer-policy"], "no-referrer")
      assert.equal(headers["cache-control"], "no-store")
    }
    await app.http.head(path).expect(200)
    assert.equal(await emailOf(userId), undefined)
    assert.equal(await emailOf(userId, "*"), "instant")
  })

  it("can't be made to say so much that its owner has no say any more, nor that nothing about security comes", async () => {
    const { userId, path } = await withLink()
    const of = (category: string) => path.replace(/category=[^&]*/, `category=${category}`)
    await app.http.post(of("security")).expect(404)
    await app.db.query(
      `insert into notifications.preferences (user_id, category, channel, mode)
       select ?, 'junk-' || n, 'email', 'off' from generate_series(1, 199) n`,
      [userId],
    )
    await app.http.post(of("one-more")).expect(404)
    await changePreferences(app, userId, { categories: { "*": { email: "digest" } } }).expect(200)
    await changePreferences(app, userId, { categories: { another: { email: "off" } } }).expect(400)
    await app.http.post(of("*")).expect(200)
    assert.equal(await emailOf(userId, "*"), "off")
  })

  // RFC 8058 sections 3.1 and 3.2: no cookies, no token, either form, no redirect.
  for (const [what, type, body] of [
    ["a form", "application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"],
    [
      "a form of parts",
      "multipart/form-data; boundary=b",
      '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n',
    ],
  ] as const) {
    it(`takes one click of a mail program, as ${what}`, async () => {
      const { userId, path } = await withLink()
      await app.http
        .post(path)
        .set("Content-Type", type)
        .set("Origin", "https://mail.example")
        .send(body)
        .expect(200)
      assert.equal(await emailOf(userId), "off")
      assert.equal(await emailOf(userId, "*"), "instant")
      await app.http.post(path).set("Content-Type", type).send(body).expect(200)
      assert.equal(await emailOf(userId), "off")
    })
  }

  it("has buttons that do what they say, and undo it", async () => {
    const { userId, path } = await withLink()
    const page = await app.http.get(path).expect(200)
    const actions = [...page.text.matchAll(/action="([^"]+)"/g)].map(([, action]) =>
      action?.replaceAll("&amp;", "&"),
    )
    assert.equal(actions.length, 2)
    const press = (index: number, what: string) =>
      app.http
        .post(actions[index] ?? "")
        .type("form")
        .send({ what })
        .expect(200)
    assert.match((await press(0, "stop")).text, /You are unsubscribed/)
    assert.equal(await emailOf(userId), "off")
    assert.match((await press(0, "undo")).text, /You are subscribed again/)
    assert.equal(await emailOf(userId), "digest")
    await press(1, "stop")
    for (const category of ["*", "match"]) {
      const { categories } = await preferencesOf(app, userId)
      assert.equal((categories[category] ?? categories["*"]).email, "off")
    }
  })

  it("of a mail about the whole ends them all", async () => {
    const { userId, path } = await withLink()
    const all = path.replace("category=match", `category=${encodeURIComponent("*")}`)
    await changePreferences(app, userId, { categories: { chat: { email: "instant" } } }).expect(200)
    await app.http.post(all).type("form").send("List-Unsubscribe=One-Click").expect(200)
    assert.equal(await emailOf(userId, "*"), "off")
    assert.equal(await emailOf(userId, "chat"), undefined)
  })

  it("speaks German to whom likes it", async () => {
    const { path } = await withLink()
    const { text } = await app.http.get(path).set("Accept-Language", "de-AT,en;q=0.5").expect(200)
    assert.match(text, /<html lang="de">[\s\S]*<h1>E-Mails von JobSwipe<\/h1>/)
  })

  it("that is none of ours changes nothing, and says nothing of anybody", async () => {
    const { path } = await withLink()
    const key = /key=([^&]+)/.exec(path)?.[1] ?? ""
    for (const wrong of [
      path.replace(key, randomUUID()),
      path.replace(key, "x"),
      path.replace(key, `${key}' or '1'='1`),
      path.replace("category=match", "category=%3Cscript%3E"),
      path.replace(/category=[^&]+&/, ""),
      "/notifications/unsubscribe",
    ]) {
      const { text } = await app.http.get(wrong).expect(404)
      assert.match(text, /This link no longer works/)
      await app.http.post(wrong).type("form").send("List-Unsubscribe=One-Click").expect(404)
    }
  })

  it("shows an app’s name and a category as texts", async () => {
    const { path } = await withLink()
    const { text } = await app.http.get(`${path}%22%3E%3Cimg%20src%3Dx%3E`).expect(200)
    assert.doesNotMatch(text, /<img/)
  })
})
