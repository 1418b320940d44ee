import assert from "node:assert/strict"
import { ownRedis } from "@gatepost/testkit"
import { logIn } from "../support/people.js"
import { answer, codeOf, post, secured, wrongCode } from "../support/second-factors.js"
import { type Bundle, setup } from "../support/setup.js"

describe("the limits of second factors", () => {
  let auth: Bundle
  let redis: Awaited<ReturnType<typeof ownRedis>>

  before(async function () {
    redis = await ownRedis(this)
    auth = await setup({ REDIS_URL: redis.url, RATE_LIMITS: "on" })
  })
  after(async () => {
    await auth?.stop()
    await redis?.stop()
  })

  const flush = () => redis.run((client) => client.flushall())

  // check 44
  it("that guard a secret outlive Redis", async () => {
    const person = await secured(auth)
    const { body } = await logIn(auth, person.email).expect(403)
    const { challenge } = body.mfa
    for (let index = 0; index < 5; index++) {
      await flush()
      const guess = await answer(auth, challenge, { code: wrongCode(person.secret) }).expect(401)
      assert.equal(guess.body.code, "mfa.code-invalid")
    }
    await flush()
    await answer(auth, challenge, { code: codeOf(person.secret) }).expect(401)
  })

  it("do not count who is asked for a second factor, and count who asks for passkeys' challenges", async () => {
    await flush()
    const { email } = await secured(auth)
    for (let index = 0; index < 25; index++) await logIn(auth, email).expect(403)
    for (let index = 0; index < 60; index++) await post(auth, "/auth/login/passkey/options").expect(200)
    const { headers } = await post(auth, "/auth/login/passkey/options").expect(429)
    assert.ok(Number(headers["retry-after"]) > 0)
  })
})
