import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { countMails } from "../support/mails.js"
import { logIn, me, newEmail, PASSWORD, refresh, register } from "../support/people.js"
import { claimsOf } from "../support/relying-party.js"
import {
  answer,
  awayFromTheEndOfAStep,
  bearer,
  challengeOf,
  codeOf,
  eventsOf,
  post,
  secured,
  signInFully,
  untry,
  unuse,
  verified,
  wrongCode,
} from "../support/second-factors.js"
import { type Bundle, setup } from "../support/setup.js"

const statuses = (answers: { status: number }[]) => answers.map(({ status }) => status).sort()

// check 58
describe("codes from an app", () => {
  let auth: Bundle

  before(async () => {
    auth = await setup()
  })
  after(() => auth.stop())

  it("are set up by a secret of 160 bits that is told once, and are on with the first code", async () => {
    const { access_token, refresh_token, user, email } = await verified(auth)
    const other = (await logIn(auth, email).expect(200)).body
    const { body: begun } = await post(auth, "/users/me/mfa/totp", access_token).expect(200)
    assert.match(begun.secret, /^[A-Z2-7]{32}$/)
    const uri = new URL(begun.otpauth_uri)
    assert.equal(uri.searchParams.get("secret"), begun.secret)
    assert.equal(uri.searchParams.get("issuer"), "JobSwipe")
    assert.ok(decodeURIComponent(uri.pathname).endsWith(email))
    assert.match(Buffer.from(begun.qr_code.split(",")[1], "base64").toString(), /^<svg .*<\/svg>$/s)
    await logIn(auth, email).expect(200)

    const wrong = await post(auth, "/users/me/mfa/totp/confirm", access_token, {
      code: wrongCode(begun.secret),
    }).expect(403)
    assert.equal(wrong.body.code, "mfa.proof-invalid")
    const { body } = await post(auth, "/users/me/mfa/totp/confirm", access_token, {
      code: codeOf(begun.secret),
    }).expect(200)
    assert.equal(body.recovery_codes.length, 10)
    assert.deepEqual(
      [claimsOf(body.access_token).acr, claimsOf(body.access_token).amr],
      ["aal2", ["pwd", "otp", "mfa"]],
    )

    // Whoever was signed in before is so no more, and the session has another id (check 65).
    for (const token of [access_token, other.access_token]) await me(auth, token).expect(401)
    await refresh(auth, refresh_token).expect(401)
    assert.equal(await countMails(auth, "second-factor-changed", email), 1)
    assert.ok((await eventsOf(auth, user.id)).includes("totp.enabled"))
    const view = await auth.http.get("/v1/users/me/mfa").set(bearer(body.access_token)).expect(200)
    assert.deepEqual([view.body.totp.enabled, view.body.recovery_codes_left], [true, 10])
    assert.ok(!view.text.includes(begun.secret))
    await post(auth, "/users/me/mfa/totp", body.access_token).expect(409)
  })

  it("keep their secret sealed at rest, each for its account, with the key's name", async () => {
    const [one, two] = [await secured(auth), await secured(auth)]
    const rows = await auth.db.query<{ sealed_secret: Buffer; sealed_by: string }>(
      "select sealed_secret, sealed_by from auth.totp_factors where account_id in (?, ?)",
      [one.user.id, two.user.id],
    )
    for (const { sealed_secret, sealed_by } of rows) {
      assert.match(sealed_by, /^[0-9a-f]{16}$/)
      assert.ok(!sealed_secret.includes(one.secret) && !sealed_secret.includes(two.secret))
    }
    await auth.db.query(
      `update auth.totp_factors set sealed_secret =
         (select sealed_secret from auth.totp_factors where account_id = :two) where account_id = :one`,
      { one: one.user.id, two: two.user.id },
    )
    await answer(auth, await challengeOf(auth, one.email), { code: codeOf(two.secret) }).expect(500)
  })

  it("are asked for at the next sign-in, and change nothing for anybody else", async () => {
    const { email, secret, user } = await secured(auth)
    const refused = await logIn(auth, email).expect(403)
    assert.deepEqual(
      [refused.body.code, refused.body.mfa.methods, refused.body.mfa.expires_in],
      ["mfa.required", ["totp", "recovery_code"], 300],
    )
    const jobpath = await auth.http.post("/auth/login").send({ email, password: PASSWORD }).expect(403)
    assert.equal(jobpath.body.error, "mfa_required")
    assert.ok(jobpath.body.detail.mfa.challenge)
    await logIn(auth, email, "not the password").expect(401)

    const { body } = await answer(auth, refused.body.mfa.challenge, { code: codeOf(secret) }).expect(200)
    assert.deepEqual(Object.keys(body).sort(), [
      "access_token",
      "expires_in",
      "refresh_token",
      "token_type",
      "user",
    ])
    const { acr, amr } = claimsOf(body.access_token)
    assert.deepEqual([acr, amr, body.user.id], ["aal2", ["pwd", "otp", "mfa"], user.id])
    const refreshed = await refresh(auth, body.refresh_token).expect(200)
    assert.equal(claimsOf(refreshed.body.access_token).acr, "aal2")
    const plain = (await logIn(auth, (await register(auth)).user.email).expect(200)).body
    assert.deepEqual([claimsOf(plain.access_token).acr, claimsOf(plain.access_token).amr], ["aal1", ["pwd"]])
  })

  it("are good for this step and the one before, once, and not for others", async () => {
    const person = await secured(auth)
    const attempt = async (steps: number) =>
      (await answer(auth, await challengeOf(auth, person.email), { code: codeOf(person.secret, steps) }))
        .status
    await awayFromTheEndOfAStep()
    assert.equal(await attempt(1), 401)
    assert.equal(await attempt(-2), 401)
    assert.equal(await attempt(-1), 200)
    assert.equal(await attempt(0), 200)
    await untry(auth, person.user.id)
    // Neither the same nor an earlier step, of whatever sign-in.
    assert.equal(await attempt(0), 401)
    assert.equal(await attempt(-1), 401)
  })

  it("sign in once, of 16 sign-ins with the same code at the same moment", async () => {
    const person = await secured(auth)
    const challenges: string[] = []
    for (let index = 0; index < 5; index++) challenges.push(await challengeOf(auth, person.email))
    const code = codeOf(person.secret)
    const answers = await race(16, (index) => answer(auth, challenges[index % 5] ?? "", { code }))
    assert.deepEqual(statuses(answers), [200, ...Array(15).fill(401)])
  })

  it("are compared five times in five minutes, twenty a day, however many sign-ins are begun", async () => {
    const person = await secured(auth)
    const guess = async (code: string) =>
      (await answer(auth, await challengeOf(auth, person.email), { code })).status
    const challenge = await challengeOf(auth, person.email)
    const guesses = await race(16, () => answer(auth, challenge, { code: wrongCode(person.secret) }))
    assert.deepEqual(statuses(guesses), Array(16).fill(401))
    assert.equal(await guess(codeOf(person.secret)), 401)
    await auth.db.elapse(301)
    assert.equal(await guess(codeOf(person.secret)), 200)

    await unuse(auth, person.user.id)
    await auth.db.query("update auth.second_factor_tries set day_tries = 20 where account_id = ?", [
      person.user.id,
    ])
    assert.equal(await guess(codeOf(person.secret)), 401)
    await auth.db.elapse(86_401)
    assert.equal(await guess(codeOf(person.secret)), 200)
  })

  // check 45, SECURITY.md section 2
  it("pause after twenty wrong ones in a row, tell the owner, and go on after a recovery code", async () => {
    const person = await secured(auth)
    const guess = async (body: object) =>
      (await answer(auth, await challengeOf(auth, person.email), body)).status
    for (let index = 0; index < 4; index++) await guess({ code: wrongCode(person.secret) })
    assert.equal(await countMails(auth, "second-factor-failed", person.email), 1, "one, and one an hour")

    await auth.db.query(
      "update auth.second_factor_tries set consecutive = 19, window_tries = 0 where account_id = ?",
      [person.user.id],
    )
    await guess({ code: wrongCode(person.secret) })
    assert.equal(await countMails(auth, "second-factor-failed", person.email), 2)
    await auth.db.elapse(86_401)
    assert.equal(await guess({ code: codeOf(person.secret) }), 401)
    assert.ok((await eventsOf(auth, person.user.id)).includes("second-factor.paused"))
    assert.equal(await guess({ recovery_code: person.recovery_codes[0] }), 200)
    assert.equal(await guess({ code: codeOf(person.secret) }), 200)
  })

  it("answer a challenge once, in five tries, five minutes, its app, and for its account", async () => {
    const [one, two] = [await secured(auth), await secured(auth)]
    const code = () => codeOf(one.secret)
    await answer(auth, await challengeOf(auth, one.email), { code: codeOf(two.secret) }).expect(401)

    const elsewhere = await challengeOf(auth, one.email)
    const fromAway = await auth.http
      .post("/v1/auth/login/mfa")
      .set("X-Client-Id", "movr")
      .send({ challenge: elsewhere, code: code() })
      .expect(401)
    assert.equal(fromAway.body.code, "mfa.challenge-invalid")

    const tried = await challengeOf(auth, one.email)
    for (let index = 0; index < 5; index++) {
      await untry(auth, one.user.id)
      await answer(auth, tried, { code: wrongCode(one.secret) }).expect(401)
    }
    await untry(auth, one.user.id)
    const sixth = await answer(auth, tried, { code: code() }).expect(401)
    assert.equal(sixth.body.code, "mfa.challenge-invalid")

    const late = await challengeOf(auth, one.email)
    await auth.db.elapse(301)
    await answer(auth, late, { code: code() }).expect(401)

    const used = await challengeOf(auth, one.email)
    await answer(auth, used, { code: code() }).expect(200)
    await unuse(auth, one.user.id)
    await answer(auth, used, { code: code() }).expect(401)
  })

  // check 70
  it("have challenges that are no token, and no token is a challenge", async () => {
    const person = await secured(auth)
    const challenge = await challengeOf(auth, person.email)
    await me(auth, challenge).expect(401)
    await refresh(auth, challenge).expect(401)
    await auth.http
      .post("/v1/auth/reset-password")
      .send({ token: challenge, new_password: "another few words" })
      .expect(400)
    for (const token of [person.access_token, person.refresh_token]) {
      await answer(auth, token.slice(0, 256), { code: codeOf(person.secret) }).expect(401)
    }
  })

  // check 53, check 54
  it("survive a reset of the password, which ends a sign-in that is half done", async () => {
    const person = await secured(auth)
    const challenge = await challengeOf(auth, person.email)
    await auth.http.post("/v1/auth/forgot-password").send({ email: person.email }).expect(200)
    const token = await auth.tokenFromMail("reset-password")
    const new_password = "quite another password"
    await auth.http.post("/v1/auth/reset-password").send({ token, new_password }).expect(200)

    await answer(auth, challenge, { code: codeOf(person.secret) }).expect(401)
    const { body } = await logIn(auth, person.email, new_password).expect(403)
    await answer(auth, body.mfa.challenge, { code: codeOf(person.secret) }).expect(200)
  })

  // check 41
  it("sign nobody in whose account was disabled meanwhile", async () => {
    const person = await secured(auth)
    const challenge = await challengeOf(auth, person.email)
    await auth.db.query("update auth.accounts set disabled_at = now() where id = ?", [person.user.id])
    await answer(auth, challenge, { code: codeOf(person.secret) }).expect(401)
  })

  // check 28
  it("can't be set up by somebody whose address is not verified", async () => {
    const { access_token } = await register(auth, newEmail())
    const { body } = await post(auth, "/users/me/mfa/totp", access_token).expect(403)
    assert.equal(body.code, "account.email-unverified")
  })

  it("are turned off by a fresh proof, which ends every session and tells the owner", async () => {
    const person = await secured(auth)
    const other = await signInFully(auth, person)
    const { body } = await auth.http
      .delete("/v1/users/me/mfa/totp")
      .set(bearer(person.access_token))
      .expect(200)
    await me(auth, other.access_token).expect(401)
    await me(auth, body.access_token).expect(200)
    await logIn(auth, person.email).expect(200)
    assert.equal(await countMails(auth, "second-factor-changed", person.email), 2)
    assert.ok((await eventsOf(auth, person.user.id)).includes("totp.disabled"))
    await auth.http.delete("/v1/users/me/mfa/totp").set(bearer(body.access_token)).expect(409)
  })
})
