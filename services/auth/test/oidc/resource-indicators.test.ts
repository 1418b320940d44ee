import assert from "node:assert/strict"
import { me } from "../support/people.js"
import { ask, authorization, claimsOf, openBrowser } from "../support/relying-party.js"
import { type Bundle, PUBLIC_URL } from "../support/setup.js"
import { CLIENTS, setupProvider } from "./support/apps.js"
import { codeFlow, open } from "./support/flows.js"

const { web, partner } = CLIENTS

// RFC 8707; DESIGN.md D5
describe("resource indicators", () => {
  let auth: Bundle

  before(async () => {
    auth = await setupProvider()
  })
  after(() => auth.stop())

  const userInfo = (token: string) => auth.http.get("/oidc/me").set("Authorization", `Bearer ${token}`)

  it("a resource that we don't know is an invalid target", async () => {
    for (const resource of [
      "https://other.example",
      `${PUBLIC_URL}/`,
      `${PUBLIC_URL}/v1`,
      "x",
      "urn:x",
      "https://x#y",
    ]) {
      const { location = "" } = await open(
        openBrowser(auth),
        authorization({ ...web, scope: "openid", resource }),
      )
      const answer = new URL(location).searchParams
      assert.deepEqual([answer.get("error"), answer.get("code")], ["invalid_target", null], resource)
    }
  })

  it("without one, a token for `openid` alone is opaque: good at userinfo, and at no API", async () => {
    for (const client of [web, partner]) {
      const { tokens, userId } = await codeFlow(auth, { client, scope: "openid" })
      assert.ok(!tokens.access_token.includes("."))
      assert.equal((await userInfo(tokens.access_token).expect(200)).body.sub, userId)
      await me(auth, tokens.access_token).expect(401)
    }
  })

  // check 69
  it("with ours, the token is signed for it, says what RFC 9068 asks for, and is none of userinfo's", async () => {
    for (const client of [web, partner]) {
      const { tokens, userId } = await codeFlow(auth, {
        client,
        scope: "openid email account",
        resource: PUBLIC_URL,
      })
      const { iat, exp, jti, sid, auth_time, ...claims } = claimsOf(tokens.access_token)
      assert.deepEqual(
        [claims.iss, claims.sub, claims.aud, claims.client_id, claims.scope, claims.user_id],
        [`${PUBLIC_URL}/oidc`, userId, PUBLIC_URL, client.clientId, "account", userId],
      )
      assert.deepEqual([claims.email !== undefined, claims.roles, claims.amr], [true, [], ["pwd"]])
      assert.equal(Number(exp) - Number(iat), 1_800)
      for (const one of [jti, sid]) assert.equal(typeof one, "string")
      assert.ok(Number(auth_time) <= Number(iat))
      await me(auth, tokens.access_token).expect(200)
      await userInfo(tokens.access_token).expect(401)
    }
  })

  it("our own apps need not name it; for others a scope alone opens nothing", async () => {
    const ours = await codeFlow(auth, { client: web, scope: "openid account" })
    await me(auth, ours.tokens.access_token).expect(200)
    const theirs = await codeFlow(auth, { client: partner, scope: "openid account" })
    assert.ok(!theirs.tokens.scope.includes("account"))
    await me(auth, theirs.tokens.access_token).expect(401)
  })

  it("a refresh may not reach further than the code did", async () => {
    const { tokens } = await codeFlow(auth, { client: web, scope: "openid account" })
    const refreshWith = (form: Record<string, string>) =>
      ask(auth, "token", web, { grant_type: "refresh_token", refresh_token: tokens.refresh_token, ...form })
    assert.equal(
      (await refreshWith({ scope: "openid account email" }).expect(400)).body.error,
      "invalid_scope",
    )
    assert.equal(
      (await refreshWith({ resource: "https://other.example" }).expect(400)).body.error,
      "invalid_target",
    )
    const { body } = await refreshWith({ resource: PUBLIC_URL, scope: "account" }).expect(200)
    assert.equal(claimsOf(body.access_token).scope, "account")
  })

  it("scopes of services are for services", async () => {
    for (const scope of ["openid notifications:write", "openid revocations:read"]) {
      const { location = "" } = await open(openBrowser(auth), authorization({ ...web, scope }))
      assert.equal(new URL(location).searchParams.get("error"), "invalid_scope")
    }
  })

  // check 70
  it("an ID token opens nothing, and neither does a code or a refresh token", async () => {
    const { tokens, location } = await codeFlow(auth, { client: web, scope: "openid account" })
    const code = new URL(location).searchParams.get("code") ?? ""
    for (const token of [tokens.id_token, tokens.refresh_token, code]) {
      await me(auth, token).expect(401)
      await userInfo(token).expect(401)
    }
  })

  // A device that was let in once keeps the time of the sign-in, not of the last refresh.
  it("auth_time is when the person signed in, also for a second app that came silently", async () => {
    const first = await codeFlow(auth, { client: web, scope: "openid account" })
    await auth.db.query(
      "update auth.oidc_artifacts set payload = jsonb_set(payload, '{loginTs}', to_jsonb((payload->>'loginTs')::numeric - 600)) where model = 'Session'",
    )
    const request = authorization({ ...CLIENTS.basic, scope: "openid account" })
    const { location = "" } = await open(first.browser, request)
    const { body } = await ask(auth, "token", CLIENTS.basic, {
      grant_type: "authorization_code",
      code: new URL(location).searchParams.get("code") ?? "",
      redirect_uri: request.redirectUri,
      code_verifier: request.verifier,
    }).expect(200)
    const { auth_time, iat } = claimsOf(body.access_token)
    assert.ok(Number(iat) - Number(auth_time) >= 600, `${iat} ${auth_time}`)
  })
})
