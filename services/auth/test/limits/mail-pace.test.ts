import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { newEmail, PASSWORD } from "../support/people.js"
import { type Bundle, setup } from "../support/setup.js"

// SECURITY.md section 2: mail 100/min, then queue; here four.
describe("mails that anybody can ask for, beyond what goes out in a minute", () => {
  let auth: Bundle
  before(async () => {
    auth = await setup({ RATE_LIMITS: "on", TRUSTED_PROXY_HOPS: "1", MAILS_PER_MINUTE: "4" })
  })
  after(() => auth.stop())

  it("wait their turn, and none is refused", async () => {
    const answers = await race(8, (index) =>
      auth.http
        .post("/v1/auth/register")
        .set("X-Forwarded-For", `198.51.${index}.1`)
        .send({ email: newEmail(), password: PASSWORD }),
    )
    assert.ok(answers.every(({ status }) => status === 201))
    const mails = await auth.db.query<{ seconds: number; state: string }>(
      `select extract(epoch from not_before - created_at)::float8 as seconds, state from mail.messages
       where kind = 'verify-email' order by not_before, created_at`,
    )
    assert.equal(mails.length, 8)
    const waits = mails.map(({ seconds }) => seconds).sort((a, b) => a - b)
    assert.ok(
      waits.slice(0, 4).every((seconds) => seconds < 1),
      String(waits),
    )
    // One more each 15 seconds; a slow machine has spent some of them.
    for (const [index, seconds] of waits.slice(4).entries())
      assert.ok(seconds > 1 && seconds <= 15 * (index + 1), String(waits))
  })
})
