import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { askForEmail, confirmByLink, moving, proofsTo, undo, undoTokenTo } from "../support/email-changes.js"
import { BROWSER, tokensFromMails } from "../support/mails.js"
import { logIn, me, newEmail, PASSWORD, refresh, register } from "../support/people.js"
import { bearer, codeOf, post } from "../support/second-factors.js"
import { type Bundle, setup } from "../support/setup.js"

// check 51
describe("taking an email change back", () => {
  let auth: Bundle

  before(async () => {
    auth = await setup({ ACCOUNT_DELETION_DELAY: "86400" })
  })
  after(() => auth.stop())

  async function moved() {
    const person = await moving(auth)
    await confirmByLink(auth, person.token).expect(200)
    return { ...person, undoToken: await undoTokenTo(auth, person.from) }
  }

  it("restores the address, ends every session and the password, and mails a link for a new one", async () => {
    const { from, to, undoToken, access_token, refresh_token, user } = await moved()
    const answer = await undo(auth, undoToken).expect(200)

    await me(auth, access_token).expect(401)
    await refresh(auth, refresh_token).expect(401)
    for (const email of [from, to]) await logIn(auth, email, PASSWORD).expect(401)
    const [link] = await tokensFromMails(auth, "reset-password", from)
    const new_password = "quite another password"
    await auth.http.post("/v1/auth/reset-password").send({ token: link, new_password }).expect(200)
    const { body } = await logIn(auth, from, new_password).expect(200)
    assert.deepEqual([body.user.id, body.user.email_verified], [user.id, true])
    const events = await auth.db.query<{ event: string }>(
      "select event from auth.audit_events where request_id = ? order by id",
      [answer.headers["x-request-id"]],
    )
    assert.deepEqual(
      events.map(({ event }) => event),
      ["email.change-undone", "session.ended", "password.reset-requested"],
    )
  })

  it("takes away what the thief added to sign in with, and the wish to delete it all; what was there before stays", async () => {
    const { from, to, undoToken, user } = await moved()
    const keys = "insert into auth.api_keys (id, owner_id, name, scopes, secret_hash, expires_at, created_at)"
    for (const [id, age] of [
      ["theirs", "1 minute"],
      ["owners", "4 days"],
    ])
      await auth.db.query(
        `${keys} values (?, ?, 'a key', '{}', sha256(?::bytea), now() + interval '1 day', now() - ?::interval)`,
        [id, user.id, id, age],
      )
    const thief = (await logIn(auth, to, PASSWORD).expect(200)).body
    const { secret } = (await post(auth, "/users/me/mfa/totp", thief.access_token).expect(200)).body
    const confirmed = await post(auth, "/users/me/mfa/totp/confirm", thief.access_token, {
      code: codeOf(secret),
    }).expect(200)
    await auth.http
      .delete("/v1/users/me")
      .set(bearer(confirmed.body.access_token))
      .send({ password: PASSWORD })
      .expect(202)

    await undo(auth, undoToken).expect(200)
    const [link] = await tokensFromMails(auth, "reset-password", from)
    const new_password = "quite another password"
    await auth.http.post("/v1/auth/reset-password").send({ token: link, new_password }).expect(200)
    await logIn(auth, from, new_password).expect(200)
    assert.deepEqual(await auth.db.query("select id from auth.api_keys where owner_id = ?", [user.id]), [
      { id: "owners" },
    ])
    assert.deepEqual(
      await auth.db.query("select 1 from auth.account_deletions where account_id = ?", [user.id]),
      [],
    )
  })

  it("works once, of 16 parallel uses", async () => {
    const { undoToken } = await moved()
    const answers = await race(16, () => undo(auth, undoToken))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(15).fill(400)])
  })

  it("works for three days, in which nobody else can have the address", async () => {
    const { from, undoToken } = await moved()
    const claim = { email: from, password: PASSWORD }
    await auth.http.post("/v1/auth/register").send(claim).expect(409)
    const stranger = await register(auth)
    await askForEmail(auth, stranger.access_token, from).expect(200)
    assert.equal((await proofsTo(auth, from)).token, "none")
    await auth.db.elapse(72 * 3_600 - 60)
    await auth.http.post("/v1/auth/register").send(claim).expect(409)
    await undo(auth, undoToken).expect(200)

    const late = await moved()
    await auth.db.elapse(72 * 3_600 + 1)
    await undo(auth, late.undoToken).expect(400)
    await register(auth, late.from)
  })

  it("reaches back over later changes, and ends their undo links and what was still waiting", async () => {
    const { from, to, undoToken, access_token } = await moved()
    const third = newEmail()
    await askForEmail(auth, access_token, third).expect(200)
    await confirmByLink(auth, (await proofsTo(auth, third)).token).expect(200)
    const thiefsUndo = await undoTokenTo(auth, to)
    const fourth = newEmail()
    await askForEmail(auth, access_token, fourth).expect(200)
    const { token: waiting } = await proofsTo(auth, fourth)

    await undo(auth, undoToken).expect(200)
    await undo(auth, thiefsUndo).expect(400)
    await confirmByLink(auth, waiting).expect(400)
    const rows = await auth.db.query("select email from auth.accounts where email = any(?)", [
      [from, to, third, fourth],
    ])
    assert.deepEqual(rows, [{ email: from }])
  })

  it("lets the owner move back by themselves, too", async () => {
    const { from, access_token } = await moved()
    await askForEmail(auth, access_token, from).expect(200)
    await confirmByLink(auth, (await proofsTo(auth, from)).token).expect(200)
    await logIn(auth, from).expect(200)
  })

  it("takes no token of another kind", async () => {
    const { token, undoToken, from } = await moved()
    await undo(auth, token).expect(400)
    await confirmByLink(auth, undoToken).expect(400)
    await auth.http.post("/v1/auth/forgot-password").send({ email: from }).expect(200)
    await auth.http
      .post("/v1/auth/reset-password")
      .send({ token: undoToken, new_password: PASSWORD })
      .expect(400)
  })

  // check 49
  it("and confirming have pages, which change nothing before their button is pressed", async () => {
    const person = await moving(auth)
    const press = async (path: string, token: string) => {
      for (let time = 0; time < 3; time++) {
        const page = await auth.http
          .get(path)
          .query({ token, client_id: "movr" })
          .set("Accept", BROWSER)
          .expect(200)
        assert.match(page.text, /Movr[\s\S]*<form method="post"/)
      }
      await logIn(auth, path.includes("undo") ? person.to : person.from).expect(200)
      return auth.http.post(path).set("Accept", BROWSER).type("form").send({ token })
    }
    assert.match((await press("/confirm-email", person.token)).text, /Email changed/)
    const undoToken = await undoTokenTo(auth, person.from)
    assert.match((await press("/undo-email-change", undoToken)).text, /old address again/)

    const dead = await auth.http
      .post("/undo-email-change")
      .type("form")
      .send({ token: undoToken })
      .expect(400)
    assert.match(dead.text, /no longer works/)
    for (const token of ["", "%00", "\0", "x".repeat(600)]) {
      const { status } = await auth.http.post("/confirm-email").type("form").send({ token })
      assert.equal(status, 400)
    }
  })
})
