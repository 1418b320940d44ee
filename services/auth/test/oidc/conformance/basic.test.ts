import assert from "node:assert/strict"
import * as openid from "openid-client"
import { me, newEmail, register } from "../../support/people.js"
import {
  ask,
  authorization,
  claimsOf,
  exchangeCode,
  openBrowser,
  refreshAtTokenEndpoint,
} from "../../support/relying-party.js"
import { type Bundle, PUBLIC_URL } from "../../support/setup.js"
import { CLIENTS, setupProvider } from "../support/apps.js"
import { codeFlow, signIn } from "../support/flows.js"
import { libraryFlow } from "../support/openid-client.js"

// The modules of `oidcc-basic-certification-test-plan` about what is issued; their names begin the titles.
describe("OpenID conformance, basic plan: tokens and claims", () => {
  let auth: Bundle

  before(async () => {
    auth = await setupProvider()
  })
  after(() => auth.stop())

  const userInfo = (accessToken: string) =>
    auth.http.get("/oidc/me").set("Authorization", `Bearer ${accessToken}`)

  it("oidcc-server: the code flow gives an ID token that holds, and the same subject at userinfo", async () => {
    const { config, claims, tokens } = await libraryFlow(auth, CLIENTS.basic)
    openid.enableNonRepudiationChecks(config)
    assert.equal(claims.iss, `${PUBLIC_URL}/oidc`)
    assert.equal(claims.aud, "basic")
    assert.ok(claims.exp > claims.iat)
    const user = await openid.fetchUserInfo(config, tokens.access_token, claims.sub)
    assert.deepEqual(user, { sub: claims.sub })
  })

  it("oidcc-idtoken-signature: the ID token is RS256 by a key of the JWKS", async () => {
    const { tokens } = await codeFlow(auth)
    const [header = ""] = tokens.id_token.split(".")
    const { alg, kid, typ } = JSON.parse(Buffer.from(header, "base64url").toString())
    const { body } = await auth.http.get("/oidc/jwks").expect(200)
    assert.equal(alg, "RS256")
    assert.notEqual(typ, "at+jwt")
    assert.ok(body.keys.some((key: { kid: string }) => key.kid === kid))
  })

  it("oidcc-userinfo-get, oidcc-userinfo-post-header, oidcc-userinfo-post-body: three ways to bring the token, and none in a query", async () => {
    const { tokens, userId, email } = await codeFlow(auth, { scope: "openid email" })
    const bearer = { Authorization: `Bearer ${tokens.access_token}` }
    const expected = { sub: userId, email, email_verified: false }
    const answers = [
      await auth.http.get("/oidc/me").set(bearer),
      await auth.http.post("/oidc/me").set(bearer),
      await auth.http.post("/oidc/me").type("form").send({ access_token: tokens.access_token }),
    ]
    for (const { status, body, headers } of answers) {
      assert.equal(status, 200)
      assert.deepEqual(body, expected)
      assert.equal(headers["cache-control"], "no-store")
    }
    await auth.http.get("/oidc/me").query({ access_token: tokens.access_token }).expect(400)
    const { headers } = await auth.http.get("/oidc/me").set("Authorization", "Bearer nothing").expect(401)
    assert.match(headers["www-authenticate"] ?? "", /^Bearer .*error="invalid_token"/)
  })

  it("oidcc-ensure-request-without-nonce-succeeds-for-code-flow: and the ID token has none", async () => {
    const { claims } = await libraryFlow(auth, CLIENTS.basic, { params: { nonce: "" } })
    assert.ok(!("nonce" in claims))
  })

  it("oidcc-scope-profile, oidcc-scope-email, oidcc-scope-address, oidcc-scope-phone, oidcc-scope-all: claims only as granted", async () => {
    const told = async (scope: string) => {
      const { tokens } = await codeFlow(auth, { scope })
      const { body } = await userInfo(tokens.access_token).expect(200)
      return { scope: tokens.scope.split(" ").sort(), claims: Object.keys(body).sort() }
    }
    assert.deepEqual((await told("openid profile")).claims, ["name", "sub"])
    assert.deepEqual((await told("openid email")).claims, ["email", "email_verified", "sub"])
    // There are no addresses and phone numbers here: discovery does not offer them, and they are passed over.
    const all = await told("openid profile email address phone")
    assert.deepEqual(all.claims, ["email", "email_verified", "name", "sub"])
    assert.deepEqual(all.scope, ["email", "openid", "profile"])
  })

  it("oidcc-alternate-happy-flow: a second client, with a query in its redirect URI", async () => {
    const { location, tokens } = await codeFlow(auth, { client: CLIENTS.post })
    assert.ok(location.startsWith("https://post.example/cb?a=b&code="), location)
    assert.equal(claimsOf(tokens.id_token).aud, "post")
  })

  it("oidcc-server-client-secret-post: works with the secret, and with nothing else", async () => {
    const client = { ...CLIENTS.post, redirectUri: "https://post.example/second" }
    const { tokens } = await libraryFlow(auth, client)
    assert.ok(tokens.access_token)
    for (const wrong of [
      { ...client, secret: "x".repeat(40) },
      { ...client, clientId: "basic" },
      { clientId: "post" },
    ]) {
      const form = { grant_type: "refresh_token", refresh_token: "x" }
      const { status, body } = await ask(auth, "token", wrong, form)
      assert.deepEqual([status, body.error], [401, "invalid_client"], JSON.stringify(wrong))
    }
  })

  // check 88
  it("oidcc-codereuse: a code is no code the second time, and its access token is dead", async () => {
    const { request, location, tokens } = await codeFlow(auth, { client: CLIENTS.basic, scope: "openid" })
    await userInfo(tokens.access_token).expect(200)
    const again = await exchangeCode(auth, request, location).expect(400)
    assert.equal(again.body.error, "invalid_grant")
    await userInfo(tokens.access_token).expect(401)
    await refreshAtTokenEndpoint(auth, CLIENTS.basic, tokens.refresh_token).expect(400)
  })

  // check 88
  it("oidcc-codereuse-30seconds: thirty seconds later it is the same", async () => {
    const { request, location, tokens } = await codeFlow(auth, { scope: "openid account" })
    await me(auth, tokens.access_token).expect(200)
    await auth.db.elapse(30)
    const again = await exchangeCode(auth, request, location).expect(400)
    assert.equal(again.body.error, "invalid_grant")
    await me(auth, tokens.access_token).expect(401)
  })

  // checks 60, 61 and 64
  it("oidcc-refresh-token: rotates, keeps the subject, refuses a replay and another client", async () => {
    const { config, claims, tokens } = await libraryFlow(auth, CLIENTS.basic, {
      params: { scope: "openid offline_access email", prompt: "consent" },
    })
    const stolen = await refreshAtTokenEndpoint(auth, CLIENTS.post, tokens.refresh_token ?? "").expect(400)
    assert.equal(stolen.body.error, "invalid_grant")
    const second = await openid.refreshTokenGrant(config, tokens.refresh_token ?? "")
    assert.equal(second.claims()?.sub, claims.sub)
    assert.equal(second.claims()?.auth_time, claims.auth_time)
    assert.notEqual(second.refresh_token, tokens.refresh_token)
    await openid.fetchUserInfo(config, second.access_token, claims.sub)
    const third = await openid.refreshTokenGrant(config, second.refresh_token ?? "")

    const replay = await refreshAtTokenEndpoint(auth, CLIENTS.basic, tokens.refresh_token ?? "").expect(400)
    assert.equal(replay.body.error, "invalid_grant")
    await refreshAtTokenEndpoint(auth, CLIENTS.basic, third.refresh_token ?? "").expect(400)
  })

  it("oidcc-ensure-request-with-valid-pkce-succeeds: and with a wrong verifier it does not", async () => {
    const email = newEmail()
    await register(auth, email)
    const browser = openBrowser(auth)
    const request = authorization({ ...CLIENTS.web, scope: "openid" })
    const location = await signIn(browser, request, email)
    const wrong = await exchangeCode(auth, { ...request, verifier: "x".repeat(43) }, location).expect(400)
    assert.equal(wrong.body.error, "invalid_grant")
    await exchangeCode(auth, request, location).expect(200)
  })

  it("oidcc-idtoken-unsigned: not offered", async () => {
    const { body } = await auth.http.get("/oidc/.well-known/openid-configuration")
    assert.deepEqual(body.id_token_signing_alg_values_supported, ["RS256"])
  })
})
