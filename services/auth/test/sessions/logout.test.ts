import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { logIn, logOut, me, refresh, register } from "../support/people.js"
import { type AuthProcess, type Bundle, setup } from "../support/setup.js"

// check 66
describe("logout", () => {
  let auth: Bundle
  let other: AuthProcess

  before(async () => {
    auth = await setup()
    other = await auth.another()
  })
  after(() => auth.stop())

  it("ends the session's tokens at once, on every process", async () => {
    const { access_token, refresh_token } = await register(auth)
    const { body: renewed } = await refresh(auth, refresh_token)
    // Both processes have seen the tokens work.
    for (const process of [auth, other]) await me(process, access_token).expect(200)

    const { body } = await logOut(auth, access_token).expect(200)
    assert.deepEqual(body, { message: "Successfully logged out" })

    for (const process of [auth, other]) {
      for (const token of [access_token, renewed.access_token]) {
        const refused = await me(process, token).expect(401)
        assert.equal(refused.body.code, "token.invalid")
      }
      for (const token of [refresh_token, renewed.refresh_token]) await refresh(process, token).expect(401)
      await logOut(process, access_token).expect(401)
    }
  })

  it("leaves the person's other sessions alone", async () => {
    const first = await register(auth)
    const { body: second } = await logIn(auth, first.user.email)
    await logOut(other, first.access_token).expect(200)

    await me(auth, second.access_token).expect(200)
    await refresh(auth, second.refresh_token).expect(200)
    await logIn(auth, first.user.email).expect(200)
  })

  it("is recorded once, however often it is asked for at the same time", async () => {
    const { access_token, user } = await register(auth)
    const answers = await race(16, (index) => logOut(index % 2 ? auth : other, access_token))
    const statuses = new Set(answers.map(({ status }) => status))
    assert.ok(statuses.has(200) && [...statuses].every((status) => [200, 401].includes(status)))
    const events = await auth.db.query(
      "select outcome, client_id from auth.audit_events where account_id = ? and event = 'session.ended'",
      [user.id],
    )
    assert.deepEqual(events, [{ outcome: "success", client_id: "jobswipe" }])
  })

  it("wins over a refresh of the same session at the same time", async () => {
    const { access_token, refresh_token } = await register(auth)
    const [, ...refreshed] = await race(16, (index) =>
      index === 0 ? logOut(auth, access_token) : refresh(index % 2 ? auth : other, refresh_token),
    )
    for (const { body } of refreshed) {
      if (!body.access_token) continue
      await me(auth, body.access_token).expect(401)
      await refresh(auth, body.refresh_token).expect(401)
    }
    await refresh(auth, refresh_token).expect(401)
  })
})
