import assert from "node:assert/strict"
import { randomBytes, randomUUID } from "node:crypto"
import { race } from "@gatepost/testkit"
import { devicesOf, register } from "../support/channels.js"
import { startPushService } from "../support/push-service.js"
import { type Bundle, setup } from "../support/setup.js"
import { userToken } from "../support/signer.js"

const token = () => randomBytes(24).toString("base64url")

describe("the registry of devices", () => {
  let app: Bundle
  let keys: { p256dh: string; auth: string }

  before(async () => {
    app = await setup()
    const push = await startPushService(() => "")
    keys = push.browser().subscription.keys
    await push.close()
  })
  after(() => app.stop())

  const subscribe = (userId: string, subscription: object) =>
    register(app, userId, { kind: "web-push", subscription })

  it("knows a device once, however often it comes, and never shows its address", async () => {
    const [userId, fcm] = [randomUUID(), token()]
    const first = await register(app, userId, { kind: "fcm", token: fcm, name: "Pixel" }).expect(200)
    const again = await register(app, userId, { kind: "fcm", token: fcm, name: "Pixel 9" }).expect(200)
    assert.equal(again.body.id, first.body.id)
    const endpoint = `https://push.example/${token()}`
    await subscribe(userId, { endpoint, expirationTime: null, keys }).expect(200)

    const list = await devicesOf(app, userId)
    assert.deepEqual(
      list.map(({ kind, name }) => [kind, name]),
      [
        ["web-push", null],
        ["fcm", "Pixel 9"],
      ],
    )
    for (const secret of [fcm, endpoint, keys.auth]) assert.ok(!JSON.stringify(list).includes(secret))
  })

  it("moves a device along when accounts switch on it, as another device", async () => {
    const [ada, grace, fcm] = [randomUUID(), randomUUID(), token()]
    const { body: adas } = await register(app, ada, { kind: "fcm", token: fcm }).expect(200)
    const { body: graces } = await register(app, grace, { kind: "fcm", token: fcm }).expect(200)
    assert.notEqual(graces.id, adas.id)
    assert.deepEqual(await devicesOf(app, ada), [])
    assert.equal((await devicesOf(app, grace)).length, 1)
  })

  it("gives a device to one of sixteen who claim it at once", async () => {
    const fcm = token()
    const users = await race(16, async () => {
      const userId = randomUUID()
      await register(app, userId, { kind: "fcm", token: fcm }).expect(200)
      return userId
    })
    const lists = await Promise.all(users.map((userId) => devicesOf(app, userId)))
    assert.equal(lists.flat().length, 1)
  })

  it("keeps the twenty that were seen last", async () => {
    const userId = randomUUID()
    const first = await register(app, userId, { kind: "apns", token: token() }).expect(200)
    for (let index = 0; index < 4; index++)
      await register(app, userId, { kind: "apns", token: token() }).expect(200)
    await race(16, () => register(app, userId, { kind: "apns", token: token() }).expect(200))
    const list = await devicesOf(app, userId)
    assert.equal(list.length, 20)
    assert.ok(!list.some(({ id }) => id === first.body.id))
  })

  it("forgets a device for its owner, and for nobody else", async () => {
    const userId = randomUUID()
    const { body } = await register(app, userId, { kind: "fcm", token: token() }).expect(200)
    const remove = (by: string) =>
      app.http.delete(`/v1/notifications/devices/${body.id}`).set("Authorization", `Bearer ${userToken(by)}`)
    assert.equal((await remove(randomUUID()).expect(404)).body.code, "device.not-found")
    assert.equal((await devicesOf(app, userId)).length, 1)
    await remove(userId).expect(200)
    await remove(userId).expect(404)
  })

  // T11, check 122
  for (const endpoint of [
    "http://push.example/x",
    "https://127.0.0.1/x",
    "https://localhost/x",
    "https://[::1]/x",
    "https://[::ffff:169.254.169.254]/latest/meta-data",
    "https://169.254.169.254/latest/meta-data",
    "https://10.0.0.1/x",
    "https://user:password@push.example/x",
    "https://2130706433/x",
    "file:///etc/passwd",
    "push",
  ]) {
    it(`takes no endpoint that leads to ${endpoint}`, async () => {
      const userId = randomUUID()
      const { body } = await subscribe(userId, { endpoint, keys }).expect(400)
      assert.equal(body.errors[0].pointer, "/subscription/endpoint")
      assert.deepEqual(await devicesOf(app, userId), [])
    })
  }

  it("takes no keys that nothing can be encrypted for", async () => {
    const endpoint = "https://push.example/x"
    const notOnCurve = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)]).toString("base64url")
    for (const wrong of [
      { ...keys, p256dh: notOnCurve },
      { ...keys, p256dh: keys.p256dh.slice(0, -4) },
      { ...keys, p256dh: `${keys.p256dh}!` },
      { ...keys, auth: "AAAA" },
      { auth: keys.auth },
    ])
      await subscribe(randomUUID(), { endpoint, keys: wrong }).expect(400)
    for (const wrong of ["", "short", `${token()} x`, `${token()}\n`, "x".repeat(5_000)])
      await register(app, randomUUID(), { kind: "fcm", token: wrong }).expect(400)
  })
})
