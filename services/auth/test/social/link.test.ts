import assert from "node:assert/strict"
import { race, until } from "@gatepost/testkit"
import { CLIENTS } from "../oidc/support/apps.js"
import { codeFlow } from "../oidc/support/flows.js"
import { logIn, newEmail, refresh, register, type Tokens } from "../support/people.js"
import {
  byIdToken,
  newNonce,
  type SocialBundle,
  setupSocial,
  signedIn,
  throughProvider,
} from "./support/setup.js"
import { type Claims, NATIVE_CLIENT_ID } from "./support/upstream.js"

describe("linking and unlinking a provider", () => {
  let auth: SocialBundle

  before(async () => {
    auth = await setupSocial()
  })
  after(() => auth.stop())

  async function verified(email = newEmail()): Promise<Tokens> {
    const person = await register(auth, email)
    await auth.http.get(`/v1/auth/verify-email/${await auth.tokenFromMail("verify-email")}`).expect(200)
    return person
  }
  const call = (tokens: { access_token: string }, method: "get" | "post" | "delete", path = "") =>
    auth.http[method](`/v1/users/me/identities${path}`).set("Authorization", `Bearer ${tokens.access_token}`)
  async function link(tokens: { access_token: string }, claims: Claims) {
    const nonce = newNonce()
    return call(tokens, "post", "/google/link").send({
      id_token: await auth.google.idToken({ ...claims, nonce }),
      nonce,
    })
  }

  it("links by an ID token whatever its address, signs in with it from then on, and tells the owner", async () => {
    const person = await verified()
    const claims = { sub: "l-1", email: "other@example.com", email_verified: false }
    const { body } = await link(person, claims).then((answer) => {
      assert.equal(answer.status, 201, answer.text)
      return answer
    })
    assert.deepEqual([body.provider, body.name, body.email], ["google", "Google", "other@example.com"])
    assert.equal((await signedIn(auth, auth.google, claims)).user.id, person.user.id)
    const list = await call(person, "get").expect(200)
    assert.deepEqual(
      list.body.items.map(({ id }: { id: string }) => id),
      [body.id],
    )
    const mail = (await auth.mails()).findLast(({ kind }) => kind === "sign-in-method-changed")
    assert.equal(mail?.recipient, person.user.email)
    assert.equal((await link(person, claims)).status, 201)
  })

  it("gives an identity to one account only, of 16 at the same time", async () => {
    const people = [await verified(), await verified(), await verified(), await verified()]
    const answers = await race(16, (index) => link(people[index % 4] as Tokens, { sub: "l-race" }))
    const owners = new Set(answers.flatMap(({ status }, index) => (status === 201 ? [index % 4] : [])))
    assert.equal(owners.size, 1)
    const refused = answers.filter(({ status }) => status !== 201)
    assert.deepEqual([...new Set(refused.map(({ body }) => body.code))], ["identity.taken"])
  })

  // check 99: the link flow, and whom it is for
  it("links by a browser's way to the provider and back to the app, once, and for the session that began it alone", async () => {
    const person = await verified()
    const stranger = await verified()
    auth.okta.person = { sub: "l-okta", email: newEmail(), email_verified: true }
    const redirect_uri = CLIENTS.web.redirectUri
    const begin = async () => {
      const { body } = await call(person, "post", "/okta/start").send({ redirect_uri }).expect(200)
      return throughAndBack(body.authorization_url)
    }
    async function throughAndBack(url: string) {
      const back = new URL(await throughProvider(url))
      const { headers } = await fetch(new URL(back.pathname + back.search, auth.url), { redirect: "manual" })
      const location = headers.get("location") ?? ""
      assert.ok(location.startsWith(redirect_uri), location)
      return Object.fromEntries(new URL(location).searchParams)
    }

    const answer = await begin()
    const theft = await call(stranger, "post", "/okta/link").send(answer)
    assert.deepEqual([theft.status, theft.body.code], [400, "social.sign-in-invalid"])
    const again = (await logIn(auth, person.user.email)).body as Tokens
    assert.equal((await call(again, "post", "/okta/link").send(answer)).status, 400)
    assert.equal((await call(person, "post", "/google/link").send(answer)).status, 400)

    const answers = await race(16, () => call(person, "post", "/okta/link").send(answer))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array(15).fill(400)])
    assert.equal(
      (await signedIn(auth, auth.okta, auth.okta.person, { provider: "okta" })).user.id,
      person.user.id,
    )

    for (const uri of ["https://evil.example/callback", `${redirect_uri}/x`]) {
      const refused = await call(person, "post", "/okta/start").send({ redirect_uri: uri })
      assert.deepEqual([refused.status, refused.body.code], [400, "identity.redirect-uri-unknown"])
    }
    const late = await begin()
    await auth.db.elapse(601)
    assert.equal((await call(person, "post", "/okta/link").send(late)).status, 400)
  })

  it("takes away any but the last way in, of two at the same time one", async () => {
    const email = newEmail()
    const person = await signedIn(auth, auth.google, { sub: "u-1", email, email_verified: true })
    const [first] = (await call(person, "get")).body.items
    const last = await call(person, "delete", `/${first.id}`)
    assert.deepEqual([last.status, last.body.code], [409, "identity.last-way-in"])

    const second = (await link(person, { sub: "u-2" })).body
    const answers = await race(16, (index) => call(person, "delete", `/${index % 2 ? first.id : second.id}`))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    assert.equal((await call(person, "get")).body.items.length, 1)

    const withPassword = await verified()
    const { id } = (await link(withPassword, { sub: "u-3" })).body
    assert.equal((await call(person, "delete", `/${id}`)).status, 404)
    await call(withPassword, "delete", `/${id}`).expect(200)
    const [event] = await auth.db.query(
      "select outcome, detail from auth.audit_events where account_id = ? and event = 'identity.unlinked'",
      [withPassword.user.id],
    )
    assert.deepEqual(event, { outcome: "success", detail: { provider: "google" } })
    // It is nobody's now: whoever comes with it is somebody new.
    assert.equal((await byIdToken(auth, auth.google, { sub: "u-3" })).status, 403)
  })

  // check 115: who no longer signs in by Apple leaves Apple no consent either.
  it("gives Apple's token back when Apple is taken away, and not where it has to stay", async () => {
    const claims = { sub: "unlinker", email: newEmail(), email_verified: "true" }
    const again = async (code: string) => {
      auth.apple.appCodes.set(code, { ...claims, aud: NATIVE_CLIENT_ID } as never)
      const proof = { provider: "apple", authorization_code: code }
      return (await byIdToken(auth, auth.apple, claims, proof)).body as Tokens
    }
    const person = await again("unlink-1")
    const [apple] = (await call(person, "get")).body.items
    assert.equal((await call(person, "delete", `/${apple.id}`)).status, 409)
    await link(person, { sub: "u-9" })
    assert.deepEqual(await auth.db.query("select id from auth.upstream_revocations"), [])
    await call(person, "delete", `/${apple.id}`).expect(200)
    await until("what was given back", async () => auth.apple.revocations.length > 0)
    const given = auth.apple.revocations.map(({ token, client_id }) => [token, client_id])
    assert.deepEqual(given, [["r-unlinker", NATIVE_CLIENT_ID]])
  })

  it("needs a fresh sign-in, and an app of our own", async () => {
    const person = await verified()
    const linked = (await link(person, { sub: "f-1" })).body
    await auth.db.query(
      "update auth.sessions set authenticated_at = now() - interval '16 minutes' where account_id = ?",
      [person.user.id],
    )
    const late = (await refresh(auth, person.refresh_token).expect(200)).body as Tokens
    const refused = [
      await link(late, { sub: "f-2" }),
      await call(late, "delete", `/${linked.id}`),
      await call(late, "post", "/google/start").send({ redirect_uri: CLIENTS.web.redirectUri }),
    ]
    for (const { status, body } of refused)
      assert.deepEqual([status, body.code], [403, "mfa.step-up-required"])

    const partner = await codeFlow(auth, {
      client: CLIENTS.partner,
      scope: "openid account",
      resource: "http://localhost:8000",
    })
    assert.equal((await link(partner.tokens, { sub: "f-3" })).status, 403)
    assert.equal((await call(partner.tokens, "get")).status, 403)
  })
})
