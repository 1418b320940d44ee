import assert from "node:assert/strict"
import { untilWaiting, withLockedTable } from "../support/locks.js"
import { tokensFromMails } from "../support/mails.js"
import { logIn, me, refresh, register } from "../support/people.js"
import { type Bundle, setup } from "../support/setup.js"

// check 54
describe("a sign-in with the old password while the reset goes on", () => {
  let auth: Bundle

  before(async () => {
    auth = await setup()
  })
  after(() => auth.stop())

  it("never leaves a session behind", async () => {
    const { user } = await register(auth)
    await auth.http.post("/v1/auth/forgot-password").send({ email: user.email }).expect(200)
    const [token] = await tokensFromMails(auth, "reset-password", user.email)

    // The old password is checked; then the sign-in has to wait for this table, which the reset never needs.
    const signedIn = await withLockedTable(auth.db, "auth.refresh_tokens", async (release) => {
      const signingIn = logIn(auth, user.email).then((answer) => answer)
      await untilWaiting(auth.db, 1)
      const resetting = auth.http
        .post("/v1/auth/reset-password")
        .send({ token, new_password: "quite another password" })
        .then((answer) => answer)
      await Promise.race([resetting, untilWaiting(auth.db, 2)])
      release()
      assert.equal((await resetting).status, 200)
      return signingIn
    })

    if (signedIn.status === 200) {
      await me(auth, signedIn.body.access_token).expect(401)
      await refresh(auth, signedIn.body.refresh_token).expect(401)
    }
    await logIn(auth, user.email, "quite another password").expect(200)
  })
})
