import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { type Bundle, list, type NotificationsProcess, send, setup } from "./support/setup.js"
import { serviceToken, signToken, userClaims } from "./support/signer.js"

// SECURITY.md section 2: RES by token subject 600/min
describe("calls of one person, over two processes", function () {
  this.timeout(60_000)
  let service: Bundle
  let other: NotificationsProcess

  before(async () => {
    service = await setup({ RATE_LIMITS: "on" })
    other = await service.another()
  })
  after(() => service.stop())

  it("are 600 a minute, by whatever token, and nobody else is stopped", async () => {
    const claims = userClaims()
    const tokens = [signToken(claims), signToken({ ...userClaims(claims.sub), client_id: "movr" })]
    const call = (index: number) => list(index % 2 ? service : other, tokens[index % 3 ? 1 : 0] ?? "")
    const statuses: number[] = []
    for (let round = 0; round < 16; round++) {
      const answers = await race(40, (index) => call(index))
      statuses.push(...answers.map(({ status }) => status))
    }
    assert.deepEqual([...new Set(statuses)].sort(), [200, 429])
    const admitted = statuses.filter((status) => status === 200).length
    // In lots of twenty: what one process has taken and not used, the other can't.
    assert.ok(admitted > 580 && admitted <= 600, String(admitted))

    for (const process of [service, other]) {
      const refused = await list(process, tokens[0] ?? "").expect(429)
      assert.equal(refused.body.code, "request.too-many")
      const seconds = Number(refused.headers["retry-after"])
      assert.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= 60, String(seconds))
      const stream = await process.http
        .get("/v1/notifications/stream")
        .set({ Authorization: `Bearer ${tokens[0]}`, Accept: "text/event-stream" })
      assert.equal(stream.status, 429)
      await list(process, signToken(userClaims())).expect(200)
    }
    // A program of the operator's sends on.
    const body = { user_id: claims.sub, title: "Still here", body: "Sent" }
    await send(service, body, serviceToken()).expect(201)
  })
})
