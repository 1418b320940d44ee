import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { askForEmail, confirmByLink } from "../support/email-changes.js"
import { BROWSER } from "../support/mails.js"
import { logIn, me, newEmail, PASSWORD, refresh, register, type Tokens } from "../support/people.js"
import { byIdToken, newNonce, type SocialBundle, setupSocial, signedIn } from "./support/setup.js"

/**
 * The five attacks of Sudhodanan and Paverd, "Pre-hijacked accounts" (USENIX Security 2022): somebody makes an account
 * with the victim's address before the victim does, and hopes to keep a way in. Check 28.
 */
describe("pre-hijacking", () => {
  let auth: SocialBundle

  before(async () => {
    auth = await setupSocial()
  })
  after(() => auth.stop())

  const bearer = ({ access_token }: Tokens) => ["Authorization", `Bearer ${access_token}`] as const

  async function isOut(attacker: Tokens, email: string): Promise<void> {
    await me(auth, attacker.access_token).expect(401)
    await refresh(auth, attacker.refresh_token).expect(401)
    await logIn(auth, email).expect(401)
  }

  async function resetPassword(email: string, new_password = "the victim's own words") {
    await auth.http.post("/v1/auth/forgot-password").send({ email }).expect(200)
    const token = await auth.tokenFromMail("reset-password")
    await auth.http.post("/v1/auth/reset-password").send({ token, new_password }).expect(200)
    return new_password
  }

  // checks 28 (c) and 98
  it("1, classic-federated merge: the password that was there first is gone when the owner comes by a provider", async () => {
    for (const provider of ["google", "okta", "apple"] as const) {
      const email = newEmail()
      const attacker = await register(auth, email)
      const person = {
        sub: `victim-1-${provider}`,
        email,
        email_verified: provider === "apple" ? "true" : true,
      }
      const victim = await signedIn(auth, auth[provider], person, { provider })
      assert.equal(victim.user.id, attacker.user.id)
      await isOut(attacker, email)
      assert.equal((await me(auth, victim.access_token)).body.email_verified, true)
    }
  })

  // check 28 (b)
  it("2, unexpired session: none outlives the owner's reset of the password", async () => {
    const email = newEmail()
    const attacker = await register(auth, email)
    const password = await resetPassword(email)
    await isOut(attacker, email)
    await logIn(auth, email, password).expect(200)
  })

  // check 28 (a)
  it("2b, unexpired session: nor does one outlive the owner's word at the verification page that it was not them", async () => {
    const email = newEmail()
    const attacker = await register(auth, email)
    const path = `/v1/auth/verify-email/${await auth.tokenFromMail("verify-email")}?client_id=web`
    const page = await auth.http.get(path).set("Accept", BROWSER).expect(200)
    assert.match(page.text, /I did not register/)
    assert.match(page.text, new RegExp(`made on .*${new Date().getUTCFullYear()}.* UTC`))
    await me(auth, attacker.access_token).expect(200)
    const notMe = () => auth.http.post(path).set("Accept", BROWSER).type("form").send({ not_me: "yes" })
    const answers = await race(16, notMe)
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(15).fill(400)])
    await isOut(attacker, email)

    const new_password = "the victim's own words"
    const token = await auth.tokenFromMail("reset-password")
    await auth.http.post("/v1/auth/reset-password").send({ token, new_password }).expect(200)
    const victim = (await logIn(auth, email, new_password).expect(200)).body as Tokens
    assert.equal((await me(auth, victim.access_token)).body.email_verified, true)
  })

  it("3, trojan identifier: nothing can be linked before the address is proved, and what there is goes with a reset", async () => {
    const email = newEmail()
    const attacker = await register(auth, email)
    const nonce = newNonce()
    const trojan = { sub: "attacker-3", email: newEmail(), email_verified: true }
    const id_token = await auth.google.idToken({ ...trojan, nonce })
    const answer = await auth.http
      .post("/v1/users/me/identities/google/link")
      .set(...bearer(attacker))
      .send({ id_token, nonce })
    assert.deepEqual([answer.status, answer.body.code], [403, "identity.email-unverified"])

    // Had they got one in by some other way.
    await auth.db.query(
      `insert into auth.identities (id, account_id, provider, issuer, subject, upstream_client_id)
       values (gen_random_uuid(), ?, 'google', ?, 'attacker-3', 'gatepost.web')`,
      [attacker.user.id, auth.google.issuer],
    )
    await resetPassword(email)
    await isOut(attacker, email)
    const theirs = await signedIn(auth, auth.google, trojan)
    assert.notEqual(theirs.user.id, attacker.user.id)
  })

  it("4, unexpired email change: a change that was begun before is good no more", async () => {
    for (const prove of [
      (email: string) => resetPassword(email),
      (email: string) =>
        signedIn(auth, auth.google, { sub: `victim-4-${email}`, email, email_verified: true }),
    ]) {
      const email = newEmail()
      const attacker = await register(auth, email)
      await askForEmail(auth, attacker.access_token, newEmail()).expect(200)
      const token = await auth.tokenFromMail("confirm-new-email")
      await prove(email)
      await confirmByLink(auth, token).expect(400)
      const [account] = await auth.db.query("select email from auth.accounts where id = ?", [
        attacker.user.id,
      ])
      assert.deepEqual(account, { email })
    }
  })

  it("5, non-verifying provider: one that does not vouch for an address makes no account with it", async () => {
    const email = newEmail()
    for (const email_verified of [false, undefined]) {
      const answer = await byIdToken(
        auth,
        auth.okta,
        { sub: "attacker-5", email, email_verified },
        { provider: "okta" },
      )
      assert.equal(answer.status, 403)
    }
    const victim = await register(auth, email)
    // Nor afterwards, whatever it says by then: who is verified here is not found by an address alone.
    await auth.http.get(`/v1/auth/verify-email/${await auth.tokenFromMail("verify-email")}`).expect(200)
    const again = await byIdToken(
      auth,
      auth.okta,
      { sub: "attacker-5", email, email_verified: true },
      { provider: "okta" },
    )
    assert.deepEqual([again.status, again.body.code], [409, "social.email-taken"])
    await logIn(auth, email, PASSWORD).expect(200)
    await me(auth, victim.access_token).expect(200)
  })

  // check 98
  it("links by address where both sides verified it and the provider gives it out, and tells the owner", async () => {
    const cases = [
      { provider: "google", email: `${newEmail().split("@")[0]}@gmail.com`, links: true },
      { provider: "google", email: newEmail(), hd: "example.com", links: true },
      { provider: "google", email: newEmail(), hd: "evil.example", links: false },
      { provider: "google", email: newEmail(), links: false },
      { provider: "okta", email: `${newEmail().split("@")[0]}@okta.example`, links: true },
      { provider: "okta", email: newEmail(), hd: "example.com", links: false },
    ] as const
    for (const { provider, email, links, ...more } of cases) {
      const owner = await register(auth, email)
      await auth.http.get(`/v1/auth/verify-email/${await auth.tokenFromMail("verify-email")}`).expect(200)
      const person = { sub: `link-${email}`, email, email_verified: true, ...more }
      const answer = await byIdToken(auth, auth[provider], person, { provider })
      assert.equal(answer.status, links ? 200 : 409, `${provider} ${email}`)
      await logIn(auth, email).expect(200)
      if (!links) continue
      assert.equal(answer.body.user.id, owner.user.id)
      const notice = (await auth.mails()).find(
        ({ kind, recipient }) => kind === "sign-in-method-changed" && recipient === email,
      )
      assert.ok(notice)
      const unverified = { ...person, sub: `other-${email}`, email_verified: false }
      assert.equal((await byIdToken(auth, auth[provider], unverified, { provider })).status, 403)
    }
  })
})
