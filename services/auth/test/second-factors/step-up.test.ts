import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { logIn, me, PASSWORD, refresh } from "../support/people.js"
import { claimsOf } from "../support/relying-party.js"
import {
  answer,
  bearer,
  challengeOf,
  codeOf,
  eventsOf,
  post,
  secured,
  signInFully,
  unuse,
  verified,
  wrongCode,
} from "../support/second-factors.js"
import { type Bundle, setup } from "../support/setup.js"

describe("step-up", () => {
  let auth: Bundle

  before(async () => {
    auth = await setup()
  })
  after(() => auth.stop())

  const stepUp = (token: string, body: object) => post(auth, "/auth/step-up", token, body)
  /** Every call that takes a session without the second factor for half of one. */
  const guarded: [string, string, object?][] = [
    ["get", "/auth/sessions"],
    ["delete", "/auth/sessions"],
    ["delete", "/auth/sessions/00000000-0000-7000-8000-000000000000"],
    ["post", "/users/me/password", { current_password: PASSWORD, new_password: "another few words" }],
    ["post", "/users/me/email", { new_email: "other@example.com", password: PASSWORD }],
    ["delete", "/users/me/identities/00000000-0000-7000-8000-000000000000"],
    ["post", "/users/me/mfa/totp"],
    ["post", "/users/me/mfa/totp/confirm", { code: "123456" }],
    ["delete", "/users/me/mfa/totp"],
    ["post", "/users/me/mfa/recovery-codes"],
    ["get", "/users/me/passkeys"],
    ["post", "/users/me/passkey-options"],
    ["patch", "/users/me/passkeys/00000000-0000-7000-8000-000000000000", { name: "Mine" }],
    ["delete", "/users/me/passkeys/00000000-0000-7000-8000-000000000000"],
  ]
  const call = ([method, path, body]: [string, string, object?], token: string) =>
    auth.http[method as "get"](`/v1${path}`).set(bearer(token)).send(body)

  /** Signed in with the password alone, on a remembered device. */
  async function half() {
    const person = await secured(auth)
    const full = (await signInFully(auth, person, { remember_device: true })) as { mfa_device_token?: string }
    const { body } = await auth.http
      .post("/v1/auth/login")
      .send({ email: person.email, password: PASSWORD, mfa_device_token: full.mfa_device_token })
      .expect(200)
    return { ...person, ...body, full }
  }

  // check 53, check 58
  it("is asked for wherever an account with a second factor comes with a session without", async () => {
    const { access_token, secret, user } = await half()
    assert.equal(claimsOf(access_token).acr, "aal1")
    await me(auth, access_token).expect(200)
    for (const request of guarded) {
      const { status, body, headers } = await call(request, access_token)
      assert.deepEqual([status, body.code], [403, "mfa.step-up-required"], request.join(" "))
      const challenge = String(headers["www-authenticate"])
      assert.match(challenge, /insufficient_user_authentication", acr_values="aal2", max_age="300"/)
    }
    await unuse(auth, user.id)
    const { body } = await stepUp(access_token, { code: codeOf(secret) }).expect(200)
    assert.equal(claimsOf(body.access_token).acr, "aal2")
    await auth.http.get("/v1/auth/sessions").set(bearer(body.access_token)).expect(200)
  })

  // check 65
  it("gives a session of another id, ends the old one, and counts as a sign-in of now", async () => {
    const person = await secured(auth)
    const before = claimsOf(person.access_token)
    const { body } = await stepUp(person.access_token, { code: codeOf(person.secret) }).expect(200)
    const after = claimsOf(body.access_token)
    assert.notEqual(after.sid, before.sid)
    assert.deepEqual(
      [after.acr, after.amr, after.client_id],
      ["aal2", ["pwd", "otp", "mfa"], before.client_id],
    )
    await me(auth, person.access_token).expect(401)
    await refresh(auth, person.refresh_token).expect(401)
    await refresh(auth, body.refresh_token).expect(200)
    assert.ok((await eventsOf(auth, person.user.id)).includes("session.stepped-up"))
  })

  it("takes a code once, of 16 at the same moment, and neither a wrong one nor the password alone", async () => {
    const person = await secured(auth)
    const { access_token, secret } = person
    await stepUp(access_token, { code: wrongCode(secret) }).expect(403)
    const { body } = await stepUp(access_token, { password: PASSWORD }).expect(403)
    assert.equal(body.code, "mfa.step-up-required")
    await stepUp(access_token, {}).expect(400)
    await stepUp(access_token, { code: codeOf(secret), password: PASSWORD }).expect(400)
    const answers = await race(16, () => stepUp(access_token, { code: codeOf(secret) }))
    const [first, ...others] = answers.map(({ status }) => status).sort()
    assert.equal(first, 200)
    // The code was used, or the session had ended.
    assert.ok(
      others.every((status) => status === 401 || status === 403),
      others.join(),
    )
  })

  it("takes the password of who has no second factor, and is asked for after five minutes", async () => {
    const { email, user } = await verified(auth)
    const { refresh_token, access_token } = (await logIn(auth, email).expect(200)).body
    await post(auth, "/users/me/mfa/totp", access_token).expect(200)
    await auth.db.query(
      "update auth.sessions set authenticated_at = authenticated_at - interval '301 seconds' where account_id = ?",
      [user.id],
    )
    const { body: stale } = await refresh(auth, refresh_token).expect(200)
    const { body: refused } = await post(auth, "/users/me/mfa/totp", stale.access_token).expect(403)
    assert.equal(refused.code, "mfa.step-up-required")
    await auth.http.get("/v1/auth/sessions").set(bearer(stale.access_token)).expect(200)

    await stepUp(stale.access_token, { password: "not the password" }).expect(403)
    const { body } = await stepUp(stale.access_token, { password: PASSWORD }).expect(200)
    assert.equal(claimsOf(body.access_token).acr, "aal1")
    await post(auth, "/users/me/mfa/totp", body.access_token).expect(200)
  })

  it("keeps its level over a change of the password", async () => {
    const { access_token } = await secured(auth)
    const { body } = await post(auth, "/users/me/password", access_token, {
      current_password: PASSWORD,
      new_password: "another few words",
    }).expect(200)
    assert.equal(claimsOf(body.access_token).acr, "aal2")
  })

  // check 53
  it("is as old after a change of the password as before, since that needs no second factor", async () => {
    const { access_token, refresh_token, user } = await secured(auth)
    await auth.db.query(
      "update auth.sessions set authenticated_at = authenticated_at - interval '301 seconds' where account_id = ?",
      [user.id],
    )
    const stale = (await refresh(auth, refresh_token).expect(200)).body
    const { body } = await post(auth, "/users/me/password", stale.access_token, {
      current_password: PASSWORD,
      new_password: "another few words",
    }).expect(200)
    assert.deepEqual(
      [claimsOf(body.access_token).acr, claimsOf(body.access_token).auth_time],
      ["aal2", claimsOf(stale.access_token).auth_time],
    )
    assert.ok(Number(claimsOf(access_token).auth_time) - Number(claimsOf(body.access_token).auth_time) >= 301)
    for (const path of ["/users/me/mfa/recovery-codes", "/users/me/mfa/totp"])
      await post(auth, path, body.access_token).expect(403)
  })

  describe("remembered devices", () => {
    const withDevice = (email: string, mfa_device_token: string | undefined, password = PASSWORD) =>
      auth.http.post("/v1/auth/login").send({ email, password, mfa_device_token })

    it("are not asked for the second factor, but for the password, and only of their account", async () => {
      const { email, full } = await half()
      const other = await secured(auth)
      await withDevice(email, full.mfa_device_token).expect(200)
      await withDevice(email, full.mfa_device_token, "not the password").expect(401)
      await withDevice(other.email, full.mfa_device_token).expect(403)
      await withDevice(email, "x".repeat(43)).expect(403)
      const [row] = await auth.db.query<{ found: boolean }>(
        "select exists (select from auth.remembered_devices d where d::text like ?) as found",
        [`%${full.mfa_device_token}%`],
      )
      assert.equal(row?.found, false)
    })

    it("are forgotten after 30 days, on request, with a new password, and with the codes", async () => {
      const late = await half()
      await auth.db.elapse(30 * 86_400 + 1)
      await withDevice(late.email, late.full.mfa_device_token).expect(403)

      const asked = await half()
      await auth.http.delete("/v1/users/me/mfa/devices").set(bearer(asked.access_token)).expect(200)
      await withDevice(asked.email, asked.full.mfa_device_token).expect(403)

      const reset = await half()
      await auth.http.post("/v1/auth/forgot-password").send({ email: reset.email }).expect(200)
      const token = await auth.tokenFromMail("reset-password")
      const new_password = "quite another password"
      await auth.http.post("/v1/auth/reset-password").send({ token, new_password }).expect(200)
      await withDevice(reset.email, reset.full.mfa_device_token, new_password).expect(403)

      const off = await half()
      const challenge = await challengeOf(auth, off.email)
      await unuse(auth, off.user.id)
      const { body } = await answer(auth, challenge, { code: codeOf(off.secret) }).expect(200)
      await auth.http.delete("/v1/users/me/mfa/totp").set(bearer(body.access_token)).expect(200)
      const rows = await auth.db.query("select from auth.remembered_devices where account_id = ?", [
        off.user.id,
      ])
      assert.deepEqual(rows, [])
    })
  })
})
