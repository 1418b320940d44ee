import assert from "node:assert/strict"
import { type Bundle, PUBLIC_URL } from "../../support/setup.js"
import { CLIENTS, setupProvider } from "../support/apps.js"
import { codeFlow } from "../support/flows.js"
import { discover } from "../support/openid-client.js"

// `oidcc-config-certification-test-plan`, and the module of that name in the logout plan.
describe("OpenID conformance, config plan", () => {
  let auth: Bundle
  let metadata: Record<string, string & string[]>

  before(async () => {
    auth = await setupProvider()
    metadata = (await auth.http.get("/oidc/.well-known/openid-configuration").expect(200)).body
  })
  after(() => auth.stop())

  // check 89
  it("oidcc-discovery-endpoint-verification: the issuer is exact, and a library takes the document", async () => {
    assert.equal(metadata.issuer, `${PUBLIC_URL}/oidc`)
    const server = (await discover(auth, CLIENTS.web)).serverMetadata()
    assert.equal(server.issuer, metadata.issuer)
    assert.equal(metadata.authorization_response_iss_parameter_supported, true)
  })

  it("oidcc-discovery-endpoint-verification: has the required members, and endpoints that answer", async () => {
    for (const name of ["subject_types_supported", "scopes_supported", "claims_supported"]) {
      assert.ok(metadata[name]?.length, name)
    }
    const endpoints = Object.entries(metadata).filter(([name]) => /_(endpoint|uri)$/.test(name))
    assert.ok(endpoints.length >= 9, endpoints.join())
    for (const [name, url] of endpoints) {
      assert.equal(new URL(url).origin, PUBLIC_URL)
      const { status } = await auth.http.get(new URL(url).pathname)
      const posted = await auth.http.post(new URL(url).pathname).type("form").send({})
      assert.ok(status !== 404 || posted.status !== 404, name)
      assert.ok(status < 500 && posted.status < 500, name)
    }
  })

  it("oidcc-discovery-endpoint-verification: RS256, never none; only the code flow with S256", () => {
    assert.deepEqual(metadata.id_token_signing_alg_values_supported, ["RS256"])
    assert.deepEqual(metadata.response_types_supported, ["code"])
    assert.deepEqual(metadata.code_challenge_methods_supported, ["S256"])
    assert.ok(!JSON.stringify(metadata).includes('"implicit"'))
    const methods = ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"]
    assert.deepEqual(metadata.token_endpoint_auth_methods_supported, methods)
    const algorithms = ["RS256", "PS256", "ES256"]
    assert.deepEqual(metadata.token_endpoint_auth_signing_alg_values_supported, algorithms)
    assert.equal(metadata.claims_parameter_supported, false)
    assert.notEqual(metadata.request_uri_parameter_supported, true)
    assert.deepEqual(metadata.ui_locales_supported, ["en", "de"])
    for (const alg of metadata.dpop_signing_alg_values_supported ?? []) assert.doesNotMatch(alg, /^HS|none/)
  })

  it("oidcc-discovery-endpoint-verification: claims and scopes are those that are given", async () => {
    const scopes = ["openid", "offline_access", "email", "profile"]
    for (const scope of scopes) assert.ok(metadata.scopes_supported?.includes(scope), scope)
    const { tokens } = await codeFlow(auth, { scope: "openid email profile" })
    const user = await auth.http.get("/oidc/me").set("Authorization", `Bearer ${tokens.access_token}`)
    for (const claim of Object.keys(user.body)) assert.ok(metadata.claims_supported?.includes(claim), claim)
  })

  // check 71
  it("oidcc-discovery-endpoint-verification: the key set holds public keys, each with its own kid", async () => {
    const { body } = await auth.http.get(new URL(metadata.jwks_uri ?? "").pathname).expect(200)
    assert.ok(body.keys.length > 0)
    for (const key of body.keys) {
      assert.deepEqual([key.kty, key.use, key.alg], ["RSA", "sig", "RS256"])
      for (const secret of ["d", "p", "q", "dp", "dq", "qi", "k"]) assert.ok(!(secret in key), secret)
    }
    assert.equal(new Set(body.keys.map(({ kid }: { kid: string }) => kid)).size, body.keys.length)
  })
})
