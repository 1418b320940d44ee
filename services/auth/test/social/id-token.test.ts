import assert from "node:assert/strict"
import { createHash, createPublicKey, generateKeyPairSync } from "node:crypto"
import { createSealer } from "@gatepost/runtime"
import { race } from "@gatepost/testkit"
import { me, newEmail, refresh } from "../support/people.js"
import { claimsOf } from "../support/relying-party.js"
import { SECRETS } from "../support/setup.js"
import { byIdToken, newNonce, type SocialBundle, setupSocial, signedIn } from "./support/setup.js"
import { CLIENT_ID, type Claims, type Forgery, NATIVE_CLIENT_ID } from "./support/upstream.js"

const seconds = () => Math.floor(Date.now() / 1000)

// checks 97, 99 and 101
describe("social sign-in by an ID token that an app got", () => {
  let auth: SocialBundle
  let accounts = 0

  before(async () => {
    auth = await setupSocial()
  })
  after(() => auth.stop())

  const count = async () => {
    const [row] = await auth.db.query<{ count: number }>("select count(*)::int as count from auth.accounts")
    return row?.count ?? 0
  }
  const post = (id_token: string, nonce: string, provider = "google") =>
    auth.http.post(`/v1/auth/social/${provider}`).send({ id_token, nonce })

  it("lists the providers that an app offers, and says nothing of others", async () => {
    const { body } = await auth.http.get("/v1/auth/social").expect(200)
    assert.deepEqual(body.items, [
      { id: "google", name: "Google" },
      { id: "apple", name: "Apple" },
      { id: "github", name: "GitHub" },
      { id: "okta", name: "Okta" },
    ])
    for (const provider of ["facebook", "constructor"]) {
      const answer = await byIdToken(auth, auth.google, { sub: "1" }, { provider })
      assert.deepEqual([answer.status, answer.body.code], [404, "social.provider-unknown"])
    }
    // GitHub gives no ID tokens.
    assert.equal((await byIdToken(auth, auth.google, { sub: "1" }, { provider: "github" })).status, 400)
  })

  it("makes an account, and knows its person again in every dialect, whatever their address is by then", async () => {
    const email = newEmail()
    const person = { sub: "g-1", email: email.toUpperCase(), email_verified: true, name: "Kim Lee" }
    const first = await signedIn(auth, auth.google, person)
    const claims = claimsOf(first.access_token)
    assert.deepEqual([claims.email, claims.email_verified, claims.amr], [email, true, ["fed"]])
    assert.equal((await me(auth, first.access_token)).body.name, "Kim Lee")
    await refresh(auth, first.refresh_token).expect(200)

    for (const prefix of ["/v1", "/api/v1", ""]) {
      const nonce = newNonce()
      const id_token = await auth.google.idToken({ sub: "g-1", nonce, aud: CLIENT_ID })
      const { body } = await auth.http
        .post(`${prefix}/auth/social/google`)
        .send({ id_token, nonce })
        .expect(200)
      assert.equal(body.user.id, first.user.id)
    }
    const events = await auth.db.query(
      "select event, detail->>'provider' as provider from auth.audit_events where account_id = ? and event in ('account.registered', 'identity.linked') order by id",
      [first.user.id],
    )
    assert.deepEqual(events, [
      { event: "account.registered", provider: "google" },
      { event: "identity.linked", provider: "google" },
    ])
  })

  it("takes the nonce as the app made it, or its SHA-256 in hex or base64url", async () => {
    const hash = (nonce: string) => createHash("sha256").update(nonce).digest()
    for (const form of [
      (nonce: string) => hash(nonce).toString("hex"),
      (nonce: string) => hash(nonce).toString("base64url"),
    ]) {
      const nonce = newNonce()
      const claims = { sub: "g-nonce", email: "nonce@example.com", email_verified: true, nonce: form(nonce) }
      await post(await auth.google.idToken(claims), nonce).expect(200)
      // Whoever finds the token has not the nonce.
      await post(await auth.google.idToken({ ...claims, jti: "2" }), form(nonce)).expect(400)
    }
  })

  const FORGED: Record<string, () => [Claims & { aud?: string; nonce?: string }, Forgery?]> = {
    "another issuer, signed by a key of ours (a)": () => [
      { sub: "f" },
      { payload: { iss: "https://evil.example" } },
    ],
    "another audience (d)": () => [{ sub: "f", aud: "somebody-else" }],
    "two audiences, and no word for whom": () => [{ sub: "f", aud: [NATIVE_CLIENT_ID, "x"] as never }],
    "HS256 with the client secret (e)": () => [
      { sub: "f" },
      { header: { alg: "HS256" }, key: Buffer.from("upstream-secret-0123456789abcdef") },
    ],
    "no exp (f)": () => [{ sub: "f", exp: undefined }],
    "an exp of five minutes ago (f)": () => [{ sub: "f", exp: seconds() - 300, iat: seconds() - 500 }],
    "an iat of an hour ago": () => [{ sub: "f", iat: seconds() - 3_600, exp: seconds() + 300 }],
    "another nonce (g)": () => [{ sub: "f", nonce: newNonce() }],
    "no nonce (g)": () => [{ sub: "f", nonce: undefined as never }],
    "a key of their own": () => [
      { sub: "f" },
      { key: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey },
    ],
    "an unknown kid": () => [{ sub: "f" }, { header: { kid: "other" } }],
    "no subject": () => [{ sub: undefined as never }],
  }
  for (const [name, make] of Object.entries(FORGED)) {
    it(`refuses ${name}: no session, no link`, async () => {
      accounts = await count()
      const [claims, how] = make()
      const nonce = newNonce()
      const id_token = await auth.google.idToken(
        { email: newEmail(), email_verified: true, nonce, ...claims },
        how,
      )
      const { status, body } = await post(id_token, nonce)
      assert.deepEqual([status, body.code], [400, "social.sign-in-invalid"])
      assert.equal(await count(), accounts)
    })
  }

  it("refuses what is no signed token at all, `none` and an RSA key as a shared secret", async () => {
    const nonce = newNonce()
    const good = await auth.google.idToken({ sub: "f", nonce })
    const [, payload] = good.split(".")
    const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`
    const jwks = (await (await fetch(`${auth.google.issuer}/jwks`)).json()) as { keys: never[] }
    const pem = createPublicKey({ key: jwks.keys[0] as never, format: "jwk" }).export({
      type: "spki",
      format: "pem",
    })
    const confused = await auth.google.idToken(
      { sub: "f", nonce },
      { header: { alg: "HS256" }, key: Buffer.from(pem) },
    )
    for (const token of [none, confused, good.slice(0, -8), "x", "a.b.c"])
      await post(token, nonce).expect(400)
  })

  // (c): said in so many words, by Apple in text
  it("makes no account of an address that the provider does not vouch for", async () => {
    accounts = await count()
    for (const email_verified of [false, undefined, "false", "true", 1, null]) {
      const answer = await byIdToken(auth, auth.google, { sub: "c", email: newEmail(), email_verified })
      assert.deepEqual(
        [answer.status, answer.body.code],
        [403, "social.email-unverified"],
        String(email_verified),
      )
    }
    for (const claims of [
      {},
      { email: "nobody", email_verified: true },
      { email: "a@b\u0000.co", email_verified: true },
    ]) {
      assert.equal((await byIdToken(auth, auth.google, { sub: "c", ...claims })).status, 403)
    }
    assert.equal(await count(), accounts)
    await signedIn(
      auth,
      auth.apple,
      { sub: "c", email: newEmail(), email_verified: "true" },
      { provider: "apple" },
    )
  })

  it("takes a token once, of 16 at the same time, and one account comes of 16 first tokens", async () => {
    const nonce = newNonce()
    const email = newEmail()
    const id_token = await auth.google.idToken({ sub: "g-race", email, email_verified: true, nonce })
    const answers = await race(16, () => post(id_token, nonce))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(15).fill(400)])

    const person = { sub: "g-race-2", email: newEmail(), email_verified: true }
    const all = await race(16, () => byIdToken(auth, auth.google, person))
    assert.deepEqual([...new Set(all.map(({ status }) => status))], [200])
    assert.equal(new Set(all.map(({ body }) => body.user.id)).size, 1)
  })

  it("keeps what Apple gives an app for its code, and refuses a code of somebody else", async () => {
    const person = { sub: "apple-code", email: newEmail(), email_verified: "true" }
    const refused = await byIdToken(auth, auth.apple, person, {
      provider: "apple",
      authorization_code: "nonsense",
    })
    assert.equal(refused.status, 400)
    const sent = auth.apple.tokenRequests.at(-1)
    assert.equal(sent?.client_id, NATIVE_CLIENT_ID)
    assert.equal(claimsOf(sent?.client_secret ?? "").sub, NATIVE_CLIENT_ID)

    auth.apple.appCodes.set("theirs", { sub: "somebody-else" }).set("own", { sub: "apple-code" })
    for (const [authorization_code, status] of [
      ["theirs", 400],
      ["own", 200],
    ] as const) {
      const answer = await byIdToken(auth, auth.apple, person, { provider: "apple", authorization_code })
      assert.equal(answer.status, status, answer.text)
    }
    const kept = await auth.db.query<{
      id: string
      refresh_token_sealed: Buffer
      upstream_client_id: string
    }>(
      "select id, refresh_token_sealed, upstream_client_id from auth.identities where subject = 'apple-code'",
    )
    const sealer = createSealer(SECRETS.KEY_ENCRYPTION_SECRET, "upstream refresh tokens")
    const [identity] = kept
    assert.equal(
      sealer.open(identity?.refresh_token_sealed ?? Buffer.alloc(0), identity?.id ?? ""),
      "r-apple-code",
    )
    assert.equal(identity?.upstream_client_id, NATIVE_CLIENT_ID)
  })

  // checks 41 and 101
  it("lets nobody in whose account is disabled", async () => {
    const person = { sub: "g-disabled", email: newEmail(), email_verified: true }
    const { user } = await signedIn(auth, auth.google, person)
    await auth.db.query("update auth.accounts set disabled_at = now() where id = ?", [user.id])
    assert.equal((await byIdToken(auth, auth.google, person)).status, 400)
  })

  it("gives no tokens to an app that gets none by JSON", async () => {
    const nonce = newNonce()
    const id_token = await auth.google.idToken({ sub: "g-1", nonce })
    const answer = await auth.http
      .post("/v1/auth/social/google")
      .set("X-Client-Id", "partner")
      .send({ id_token, nonce })
    assert.deepEqual([answer.status, answer.body.code], [403, "client.not-allowed-here"])
  })

  it("says that the provider is away, where it is", async () => {
    const fresh = await setupSocial()
    fresh.okta.isAway = true
    const person = { sub: "o-1", email: newEmail(), email_verified: true }
    const answer = await byIdToken(fresh, fresh.okta, person, { provider: "okta" })
    assert.deepEqual([answer.status, answer.body.code], [503, "social.provider-unavailable"])
    fresh.okta.isAway = false
    await signedIn(fresh, fresh.okta, person, { provider: "okta" })
    await fresh.stop()
  })
})
