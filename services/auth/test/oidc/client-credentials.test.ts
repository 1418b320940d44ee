import assert from "node:assert/strict"
import { me } from "../support/people.js"
import { askForToken, basic, serviceToken } from "../support/service-client.js"
import { type Bundle, PUBLIC_URL, SECRETS, setup } from "../support/setup.js"

const GRANT = { grant_type: "client_credentials", scope: "notifications:write" }
const SECRET = SECRETS.SERVICE_CLIENT_SECRET

describe("a service's own token", () => {
  let auth: Bundle

  before(async () => {
    auth = await setup()
  })
  after(() => auth.stop())

  // check 69, RFC 9068
  it("is an access token with the client as its subject, and no session", async () => {
    const { body, headers } = await askForToken(auth).expect(200)
    assert.equal(headers["cache-control"], "no-store")
    const { access_token, ...answer } = body
    assert.deepEqual(answer, { token_type: "Bearer", expires_in: 1800, scope: "notifications:write" })

    const [header, payload] = access_token
      .split(".")
      .slice(0, 2)
      .map((part: string) => JSON.parse(Buffer.from(part, "base64url").toString()))
    const { iat, jti } = payload
    assert.deepEqual(payload, {
      iss: `${PUBLIC_URL}/oidc`,
      sub: "backend",
      aud: PUBLIC_URL,
      exp: iat + 1800,
      iat,
      jti,
      client_id: "backend",
      scope: "notifications:write",
    })
    assert.deepEqual([header.alg, header.typ], ["RS256", "at+jwt"])
    const { body: jwks } = await auth.http.get("/.well-known/jwks.json")
    assert.equal(header.kid, jwks.keys[0].kid)
  })

  it("has the scopes that were asked for, of those that the client may have", async () => {
    const scopeFor = async (scope: string) => (await askForToken(auth, { ...GRANT, scope })).body
    const both = await scopeFor("notifications:write revocations:read")
    assert.deepEqual(both.scope.split(" ").sort(), ["notifications:write", "revocations:read"])
    assert.equal((await scopeFor("account")).error, "invalid_scope")
    const { body } = await askForToken(auth, { grant_type: "client_credentials" })
    assert.ok(!body.scope?.includes("account"))
  })

  it("is no person's: it opens no account", async () => {
    const { body } = await me(auth, await serviceToken(auth)).expect(403)
    assert.equal(body.code, "token.scope-missing")
  })

  it("is refused to whoever does not know the secret", async () => {
    for (const authorization of [
      basic("backend", `${SECRET}x`),
      basic("backend", ""),
      basic("nobody", SECRET),
      basic("jobswipe", SECRET),
      "Basic ????",
      "Basic",
      "Bearer x",
    ]) {
      const { status, body } = await askForToken(auth, GRANT, authorization)
      assert.ok([400, 401].includes(status), `${authorization} gave ${status}`)
      assert.ok(["invalid_client", "invalid_request"].includes(body.error), body.error)
    }
  })

  // check 85
  it("is the only thing its client gets: no password grant, and no code", async () => {
    for (const grant of [
      { grant_type: "password", username: "a@x.io", password: "x" },
      { grant_type: "implicit" },
      { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion: "x" },
    ]) {
      const { body } = await askForToken(auth, grant).expect(400)
      assert.equal(body.error, "unsupported_grant_type")
    }
    const code = { grant_type: "authorization_code", code: "x", redirect_uri: "x" }
    assert.ok([400, 401].includes((await askForToken(auth, code)).status))
  })

  // check 21, M2
  it("survives ids and tokens that PostgreSQL would not take", async () => {
    const odd = ["\0", "a\0b", "\ud800", "x".repeat(300), "' or 1=1--", "../../etc/passwd"]
    for (const value of odd) {
      const calls = [
        askForToken(auth, { ...GRANT, client_id: value }),
        askForToken(auth, GRANT, basic(value.toWellFormed(), SECRET)),
        askForToken(auth, { grant_type: "refresh_token", refresh_token: value }),
        askForToken(auth, { grant_type: "authorization_code", code: value, redirect_uri: value }),
        auth.http
          .post("/oidc/token")
          .type("form")
          .send({ ...GRANT, client_id: value }),
        auth.http.get("/oidc/auth").query({ client_id: value, response_type: "code" }),
      ]
      for (const call of calls) {
        const { status } = await call
        assert.ok(status >= 400 && status < 500, `${JSON.stringify(value.slice(0, 20))} gave ${status}`)
      }
    }
    // RFC 6749 section 3.3: scopes that nobody knows may be passed over.
    for (const scope of odd) assert.ok((await askForToken(auth, { ...GRANT, scope })).status < 500)
    for (const form of ["grant_type=client_credentials&scope=%00", "%", "a=%ff", "=", "&&&"]) {
      const { status } = await askForToken(auth, undefined).send(form)
      assert.ok(status < 500, `${form} gave ${status}`)
    }
    await askForToken(auth).expect(200)
  })

  it("takes forms alone, and a bounded one", async () => {
    const json = await auth.http
      .post("/oidc/token")
      .set("Authorization", basic("backend", SECRET))
      .send(GRANT)
    assert.equal(json.status, 400)
    const { status } = await askForToken(auth, { ...GRANT, padding: "x".repeat(200_000) })
    assert.ok([400, 413].includes(status), String(status))
  })
})
