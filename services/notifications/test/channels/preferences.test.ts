import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"
import { race } from "@gatepost/testkit"
import { changePreferences, preferencesOf } from "../support/channels.js"
import { type Bundle, setup } from "../support/setup.js"
import { signToken, userClaims } from "../support/signer.js"

describe("preferences", () => {
  let app: Bundle

  before(async () => {
    app = await setup()
  })
  after(() => app.stop())

  it("are a daily digest and pushes, until somebody says otherwise", async () => {
    assert.deepEqual(await preferencesOf(app, randomUUID()), {
      time_zone: "UTC",
      quiet_hours: null,
      digest: { every: "day", at: "08:00" },
      categories: { "*": { email: "digest", push: "instant" }, security: { email: "off", push: "instant" } },
    })
  })

  it("change by what is named, and of the others nothing", async () => {
    const userId = randomUUID()
    await changePreferences(app, userId, {
      time_zone: "Europe/Berlin",
      quiet_hours: { from: "22:00", until: "07:00" },
      categories: { match: { email: "instant" }, "*": { push: "off" } },
    }).expect(200)
    const { body } = await changePreferences(app, userId, {
      digest: { every: "week", at: "18:30" },
      categories: { match: { push: "instant" } },
    }).expect(200)

    assert.deepEqual(body, {
      time_zone: "Europe/Berlin",
      quiet_hours: { from: "22:00", until: "07:00" },
      digest: { every: "week", at: "18:30" },
      categories: {
        "*": { email: "digest", push: "off" },
        security: { email: "off", push: "off" },
        match: { email: "instant", push: "instant" },
      },
    })
    assert.deepEqual(await preferencesOf(app, userId), body)
    const without = await changePreferences(app, userId, { quiet_hours: null }).expect(200)
    assert.equal(without.body.quiet_hours, null)
    assert.equal(without.body.digest.every, "week")
  })

  for (const [what, body, pointer] of [
    ["a zone that is none", { time_zone: "Mars/Olympus" }, "/time_zone"],
    ["a zone of PostgreSQL’s alone", { time_zone: "XYZ-3" }, "/time_zone"],
    ["an offset", { time_zone: "+02:00" }, "/time_zone"],
    ["SQL", { time_zone: "UTC'; drop table notifications.reach; --" }, "/time_zone"],
    ["a time that is none", { quiet_hours: { from: "24:00", until: "07:00" } }, "/quiet_hours/from"],
    [
      "quiet hours of nothing or all",
      { quiet_hours: { from: "07:00", until: "07:00" } },
      "/quiet_hours/until",
    ],
    ["half of quiet hours", { quiet_hours: { from: "07:00" } }, "/quiet_hours/until"],
    [
      "a mode that pushes don’t have",
      { categories: { match: { push: "digest" } } },
      "/categories/match/push",
    ],
    ["a category that is none", { categories: { "a b": { push: "off" } } }, "/categories/a b"],
    [
      "no mails of the account itself",
      { categories: { security: { email: "off" } } },
      "/categories/security/email",
    ],
  ] as const) {
    it(`are not changed to ${what}`, async () => {
      const userId = randomUUID()
      const { body: problem } = await changePreferences(app, userId, body).expect(400)
      assert.equal(problem.code, "request.invalid")
      assert.equal(problem.errors[0].pointer, pointer)
      assert.equal((await preferencesOf(app, userId)).time_zone, "UTC")
    })
  }

  it("are of a hundred categories at most, also one by one", async () => {
    const userId = randomUUID()
    const many = (prefix: string) =>
      Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`${prefix}${index}`, { push: "off" }]))
    await changePreferences(app, userId, { categories: many("a") }).expect(200)
    for (const prefix of ["b", "c", "d"])
      await changePreferences(app, userId, { categories: many(prefix) }).expect(200)
    await changePreferences(app, userId, { categories: many("e") }).expect(400)
    assert.equal(Object.keys((await preferencesOf(app, userId)).categories).length, 102)
  })

  it("take what sixteen change at once", async () => {
    const userId = randomUUID()
    await race(16, (index) =>
      changePreferences(app, userId, { categories: { [`c${index}`]: { email: "off" } } }).expect(200),
    )
    assert.equal(Object.keys((await preferencesOf(app, userId)).categories).length, 18)
  })

  it("are not for an app that may read notifications and no more to change", async () => {
    const token = signToken({ ...userClaims(), scope: "notifications:read" })
    const { body } = await app.http
      .patch("/v1/notifications/preferences")
      .set("Authorization", `Bearer ${token}`)
      .send({ time_zone: "UTC" })
      .expect(403)
    assert.equal(body.code, "token.scope-missing")
  })
})
