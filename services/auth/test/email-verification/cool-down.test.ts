import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { countMails } from "../support/mails.js"
import { register } from "../support/people.js"
import { type AuthProcess, type Bundle, setup } from "../support/setup.js"

// check 57, and SECURITY.md section 2: one mail a minute and three an hour for one recipient.
describe("how often a mail is sent", () => {
  let auth: Bundle
  let other: AuthProcess

  before(async () => {
    // Each call comes from another client, so that only the recipient's limit counts.
    auth = await setup({ RATE_LIMITS: "on", TRUSTED_PROXY_HOPS: "1" })
    other = await auth.another()
  })
  after(() => auth.stop())

  let client = 0
  const ask = (path: string, email: string, { http }: AuthProcess = auth) =>
    http.post(path).set("X-Forwarded-For", `203.0.113.${++client}`).send({ email }).expect(200)

  for (const [path, kind, sentBefore] of [
    ["/v1/auth/verify-email", "verify-email", 1],
    ["/v1/auth/forgot-password", "reset-password", 0],
  ] as const) {
    it(`of ${kind}: one a minute, three an hour, and the answer never tells`, async () => {
      const { user } = await register(auth)
      const sent = () => countMails(auth, kind, user.email)
      if (sentBefore === 0) await ask(path, user.email)
      const { body } = await ask(path, user.email)
      assert.match(body.message, /^If the email exists/)
      assert.equal(await sent(), 1)

      for (const expected of [2, 3, 3]) {
        await auth.db.elapse(61)
        await ask(path, user.email)
        assert.equal(await sent(), expected)
      }
      await auth.db.elapse(3_600)
      await ask(path, user.email)
      assert.equal(await sent(), 4)
    })

    it(`of ${kind}: one, when 16 ask at the same moment on two processes`, async () => {
      const { user } = await register(auth)
      await auth.db.elapse(61)
      await race(16, (index) => ask(path, user.email, index % 2 ? auth : other))
      assert.equal(await countMails(auth, kind, user.email), sentBefore + 1)
    })
  }
})
