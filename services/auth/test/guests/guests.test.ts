import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { newNonce, type SocialBundle, setupSocial, signedIn } from "../social/support/setup.js"
import { countMails } from "../support/mails.js"
import { logIn, me, newEmail, PASSWORD, refresh, register, type Tokens } from "../support/people.js"
import { claimsOf } from "../support/relying-party.js"

describe("guests", () => {
  let auth: SocialBundle

  before(async () => {
    auth = await setupSocial()
  })
  after(() => auth.stop())

  const begin = async (): Promise<Tokens> =>
    (await auth.http.post("/v1/auth/guest").send({}).expect(201)).body
  const upgrade = ({ access_token }: Tokens, body: Record<string, string>, prefix = "/v1") =>
    auth.http.post(`${prefix}/users/me/upgrade`).set("Authorization", `Bearer ${access_token}`).send(body)
  async function link({ access_token }: Tokens, claims: Record<string, unknown>) {
    const nonce = newNonce()
    const id_token = await auth.google.idToken({ sub: "none", ...claims, nonce })
    return auth.http
      .post("/v1/users/me/identities/google/link")
      .set("Authorization", `Bearer ${access_token}`)
      .send({ id_token, nonce })
  }

  it("begin with tokens and without an address, in an app that has them", async () => {
    const guest = await begin()
    const { body } = await me(auth, guest.access_token).expect(200)
    assert.deepEqual(
      [body.email, body.email_verified, body.is_guest],
      [`${body.id}@guest.invalid`, false, true],
    )
    assert.deepEqual(claimsOf(guest.access_token).amr, [])
    await refresh(auth, guest.refresh_token).expect(200)
    const refused = await auth.http.post("/v1/auth/guest").set("X-Client-Id", "tv").send({})
    assert.deepEqual([refused.status, refused.body.code], [403, "guest.not-welcome"])
  })

  it("can't ask who has an account, as whoever costs nothing to make could ask for everybody", async () => {
    const { access_token } = await begin()
    const { email } = await register(auth).then(({ user }) => user)
    const lookup = auth.http.get("/v1/users/lookup").query({ email })
    await lookup.set("Authorization", `Bearer ${access_token}`).expect(404)
  })

  it("become full accounts in every dialect, of the same id, and their sessions stay", async () => {
    for (const prefix of ["/v1", "/api/v1", ""]) {
      const guest = await begin()
      const email = newEmail()
      const { body } = await upgrade(guest, { email, password: PASSWORD, name: "Kim" }, prefix).expect(200)
      assert.deepEqual(
        [body.id, body.email, body.name, body.is_guest],
        [guest.user.id, email, "Kim", undefined],
      )
      const again = (await logIn(auth, email).expect(200)).body
      assert.equal(again.user.id, guest.user.id)
      const fresh = (await refresh(auth, guest.refresh_token).expect(200)).body
      assert.equal(claimsOf(fresh.access_token).email, email)
      assert.equal(await countMails(auth, "verify-email", email), 1)
    }
  })

  it("become full accounts by a provider as well, with the address that it vouches for", async () => {
    let guest = await begin()
    const email = newEmail()
    await auth.db.query(
      "update auth.sessions set authenticated_at = now() - interval '3 days' where account_id = ?",
      [guest.user.id],
    )
    guest = (await refresh(auth, guest.refresh_token).expect(200)).body
    assert.equal(
      (await link(guest, { sub: "guest-1", email, email_verified: false })).body.code,
      "social.email-unverified",
    )
    assert.equal(
      (await link(guest, { sub: "guest-1", email, email_verified: true, name: "Kim" })).status,
      201,
    )
    const account = (await me(auth, guest.access_token)).body
    assert.deepEqual([account.email, account.email_verified, account.name], [email, true, "Kim"])
    assert.equal((await signedIn(auth, auth.google, { sub: "guest-1" })).user.id, guest.user.id)

    const other = await begin()
    const taken = await link(other, { sub: "guest-2", email, email_verified: true })
    assert.deepEqual([taken.status, taken.body.code], [409, "social.email-taken"])
  })

  it("become one account once, of 16 at the same time, and one of 16 guests gets an address", async () => {
    const guest = await begin()
    const once = await race(16, () => upgrade(guest, { email: newEmail(), password: PASSWORD }))
    assert.deepEqual(once.map(({ status }) => status).sort(), [200, ...Array(15).fill(409)])

    const email = newEmail()
    const guests = await Promise.all(Array.from({ length: 4 }, begin))
    const answers = await race(16, (index) =>
      upgrade(guests[index % 4] as Tokens, { email, password: PASSWORD }),
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  })

  it("take nobody's address, and nobody takes theirs", async () => {
    const person = await register(auth)
    const guest = await begin()
    const taken = await upgrade(guest, { email: person.user.email, password: PASSWORD })
    assert.deepEqual([taken.status, taken.body.code], [409, "account.email-taken"])
    assert.equal(
      (await upgrade(person, { email: newEmail(), password: PASSWORD })).body.code,
      "guest.not-one",
    )

    const { email } = guest.user
    for (const path of ["register", "login"]) {
      await auth.http
        .post(`/v1/auth/${path}`)
        .send({ email: email.toUpperCase(), password: PASSWORD })
        .expect(400)
    }
    for (const path of ["forgot-password", "verify-email", "sign-in-link", "send-verification-code"]) {
      await auth.http.post(`/v1/auth/${path}`).send({ email }).expect(400)
    }
    const [mails] = await auth.db.query(
      "select count(*)::int as count from mail.messages where recipient = ?",
      [email],
    )
    assert.deepEqual(mails, { count: 0 })
  })
})
