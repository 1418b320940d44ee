import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"
import { race } from "@gatepost/testkit"
import { APPS, contactFact, learn } from "../support/channels.js"
import { type Bundle, list, type Notification, setup } from "../support/setup.js"
import { serviceToken, userToken } from "../support/signer.js"

describe("facts that the auth service tells", () => {
  let app: Bundle

  before(async () => {
    app = await setup()
  })
  after(() => app.stop())

  const contactOf = async (userId: string) =>
    (
      await app.db.query<{ email: string; version: string }>(
        "select email, version from notifications.contacts where user_id = :userId",
        { userId },
      )
    )[0]
  const eventFact = (userId: string, more: object = {}) => ({
    kind: "security-event",
    id: randomUUID(),
    user_id: userId,
    event: "new-sign-in",
    at: "2026-11-21T02:23:00.000Z",
    client_id: "jobswipe",
    device: "Firefox on Linux",
    ip: "203.0.113.7",
    ...more,
  })
  const inboxOf = async (userId: string): Promise<Notification[]> =>
    (await list(app, userToken(userId)).expect(200)).body.items

  it("hold until a later one comes, in whatever order they do", async () => {
    const userId = randomUUID()
    for (const version of [3, 1, 2, 5, 4])
      await learn(app, contactFact(userId, { version, email: `v${version}@example.com` })).expect(200)
    assert.deepEqual(await contactOf(userId), { email: "v5@example.com", version: "5" })
  })

  it("hold the latest of sixteen that come at once", async () => {
    const userId = randomUUID()
    await race(16, (index) =>
      learn(app, contactFact(userId, { version: index + 1, email: `v${index + 1}@example.com` })).expect(200),
    )
    assert.deepEqual(await contactOf(userId), { email: "v16@example.com", version: "16" })
  })

  it("of the apps are all the apps there are", async () => {
    const [first, second] = APPS.apps
    const names = async () =>
      (await app.db.query<{ client_id: string }>("select client_id from notifications.apps order by 1")).map(
        ({ client_id }) => client_id,
      )
    await learn(app, { ...APPS, version: 10 }).expect(200)
    await learn(app, { kind: "apps", version: 12, apps: [second] }).expect(200)
    assert.deepEqual(await names(), ["jobswipe"])
    await learn(app, { kind: "apps", version: 11, apps: [{ ...second, name: "Old" }] }).expect(200)
    const [app_] = await app.db.query<{ name: string }>("select name from notifications.apps")
    assert.equal(app_?.name, "JobSwipe")
    await learn(app, { kind: "apps", version: 13, apps: [first, second] }).expect(200)
    assert.deepEqual(await names(), ["jobswipe", "movr"])
  })

  it("about the account are told its person once, in their language", async () => {
    const userId = randomUUID()
    await learn(app, contactFact(userId, { locale: "de" })).expect(200)
    const fact = eventFact(userId)
    await race(16, () => learn(app, fact).expect(200))
    const items = await inboxOf(userId)
    assert.equal(items.length, 1)
    const [item] = items
    assert.equal(item?.category, "security")
    assert.equal(item?.title, "Neue Anmeldung bei Ihrem Konto")
    assert.match(item?.body ?? "", /^Firefox on Linux hat sich angemeldet, von 203\.0\.113\.7\./)
    assert.deepEqual(item?.data, {
      event: "new-sign-in",
      at: fact.at,
      device: "Firefox on Linux",
      ip: "203.0.113.7",
    })
  })

  it("of a kind of event that this version does not know are passed over", async () => {
    const userId = randomUUID()
    await learn(app, eventFact(userId, { event: "moon-landed" }), eventFact(userId)).expect(200)
    assert.equal((await inboxOf(userId)).length, 1)
  })

  it("come all or none", async () => {
    const userId = randomUUID()
    await learn(app, contactFact(userId), eventFact(userId), { kind: "contact" }).expect(400)
    assert.equal(await contactOf(userId), undefined)
    assert.deepEqual(await inboxOf(userId), [])
  })

  it("are taken from nobody without the scope for it", async () => {
    for (const token of [serviceToken(), userToken()]) {
      await app.http
        .post("/v1/notifications/facts")
        .set("Authorization", `Bearer ${token}`)
        .send({ facts: [APPS] })
        .expect(403)
    }
  })
})
