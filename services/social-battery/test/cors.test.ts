import assert from "node:assert/strict"
import { type Bundle, setup } from "./support/setup.js"

const ALLOWED = "https://introgy.example"

// check 4
describe("calls from a browser", () => {
  let service: Bundle

  before(async () => {
    service = await setup({ CORS_ORIGINS: ALLOWED })
  })
  after(() => service.stop())

  const allowedTo = async (origin: string) => {
    const { headers } = await service.http.get("/social-battery/x").set("Origin", origin)
    assert.match(String(headers.vary), /\bOrigin\b/)
    return headers["access-control-allow-origin"]
  }

  it("are read by the pages of the origins that are named, whatever the answer", async () => {
    assert.equal(await allowedTo(ALLOWED), ALLOWED)
    const { headers } = await service.http
      .options("/social-battery/x/record")
      .set({
        Origin: ALLOWED,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,idempotency-key",
      })
      .expect(204)
    assert.equal(headers["access-control-allow-origin"], ALLOWED)
    assert.equal(headers["access-control-allow-headers"], "authorization,idempotency-key")
    assert.equal(headers["access-control-allow-credentials"], undefined)
  })

  it("are read by no other page", async () => {
    for (const origin of [
      "https://evil.example",
      "null",
      `${ALLOWED}.evil.example`,
      "http://introgy.example",
    ])
      assert.equal(await allowedTo(origin), undefined, origin)
  })
})
