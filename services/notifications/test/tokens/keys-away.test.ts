import assert from "node:assert/strict"
import { type Bundle, list, send, setup } from "../support/setup.js"
import { keys, serviceToken, signToken, userClaims, userToken } from "../support/signer.js"

// check 82
describe("while the keys were never fetched", () => {
  let notifications: Bundle

  before(async () => {
    notifications = await setup({}, false)
  })
  after(() => notifications.stop())

  it("the service is not ready, and refuses nobody's token: it says to come back", async () => {
    const ready = await notifications.http.get("/readyz").expect(503)
    assert.deepEqual(ready.body.checks, { database: "ok", schema: "ok", keys: "failing" })
    await notifications.http.get("/livez").expect(200)

    for (const answer of [
      await list(notifications, userToken()),
      await list(notifications, signToken(userClaims(), {}, keys.unknown)),
      await send(notifications, {}, serviceToken()),
    ]) {
      assert.deepEqual([answer.status, answer.body.code], [503, "server.unavailable"])
      assert.match(String(answer.headers["content-type"]), /^application\/problem\+json/)
      assert.match(String(answer.headers["retry-after"]), /^[1-9]\d*$/)
      assert.equal(answer.headers["www-authenticate"], undefined)
    }
    // No token at all is told so, keys or not.
    await notifications.http.get("/v1/notifications").expect(401)
    // However many asked: one fetch per cool-down.
    assert.equal(notifications.keyServer.fetches, 1)
  })
})

// check 81
describe("once the keys were fetched", () => {
  it("the service goes on without the auth service", async () => {
    const notifications = await setup()
    try {
      await notifications.http.get("/readyz").expect(200)
      notifications.keyServer.up = false
      await list(notifications, userToken()).expect(200)
      await notifications.http.get("/readyz").expect(200)
      await list(notifications, signToken(userClaims(), {}, keys.unknown)).expect(401)
    } finally {
      await notifications.stop()
    }
  })
})
