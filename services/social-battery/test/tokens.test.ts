import assert from "node:assert/strict"
import { type Bundle, person, setup, walk } from "./support/setup.js"

// The verifier has its own tests; these prove what the service makes of its answers.
describe("the signing keys", () => {
  let service: Bundle
  afterEach(() => service.stop())

  // check 82
  it("were never fetched: the service is not ready, refuses nobody's token, and says to come back", async () => {
    service = await setup({}, false)
    const kim = await person(service)
    const ready = await service.http.get("/readyz").expect(503)
    assert.deepEqual(ready.body, { status: "not ready", checks: { database: "ok", keys: "failing" } })
    await service.http.get("/livez").expect(200)
    for (const answer of [await kim.read(), await kim.record(walk(1)), await kim.activity()]) {
      assert.deepEqual([answer.status, answer.body.status_code], [503, 503])
      assert.match(String(answer.headers["retry-after"]), /^[1-9]\d*$/)
      assert.equal(answer.headers["www-authenticate"], undefined)
    }
  })

  // check 81
  it("are away: those that were fetched go on", async () => {
    service = await setup()
    await service.http.get("/readyz").expect(200)
    service.keyServer.isUp = false
    await (await person(service)).record(walk(1)).expect(201)
    await service.http.get("/readyz").expect(200)
  })

  it("tell a good token from a changed one, which is answered with a challenge in our envelope", async () => {
    service = await setup()
    const kim = await person(service)
    const [header, payload, signature = ""] = kim.token.split(".")
    const forged = [header, payload, signature.replaceAll(/[a-m]/g, "n")].join(".")
    const answer = await service.http
      .get(`/social-battery/${kim.id}`)
      .set("Authorization", `Bearer ${forged}`)
      .expect(401)
    assert.match(
      String(answer.headers["www-authenticate"]),
      /^Bearer realm="gatepost", error="invalid_token"/,
    )
    assert.match(String(answer.headers["content-type"]), /^application\/json\b/)
    assert.deepEqual([answer.body.error, answer.body.status_code], ["token_invalid", 401])
  })
})
