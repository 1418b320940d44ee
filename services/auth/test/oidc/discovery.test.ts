import assert from "node:assert/strict"
import { askForToken } from "../support/service-client.js"
import { type Bundle, PUBLIC_URL, setup } from "../support/setup.js"

const PLACES = [
  "/oidc/.well-known/openid-configuration",
  "/.well-known/openid-configuration",
  "/.well-known/oauth-authorization-server/oidc",
]

describe("discovery", () => {
  let auth: Bundle

  before(async () => {
    auth = await setup()
  })
  after(() => auth.stop())

  it("is the same document at all three places", async () => {
    const answers = []
    for (const place of PLACES) answers.push(await auth.http.get(place).expect(200))
    const [first, ...others] = answers.map(({ body }) => body)
    for (const other of others) assert.deepEqual(other, first)
    assert.equal(first.issuer, `${PUBLIC_URL}/oidc`)
  })

  // check 5, M20: a cache in front would turn a poisoned answer into a poisoned key URL.
  it("has no URL but of the configured origin, whatever host or proxy header it is asked with", async () => {
    const [plain = ""] = PLACES
    const { text: expected } = await auth.http.get(plain)
    const poison = {
      "X-Forwarded-Host": "evil.test",
      "X-Forwarded-Proto": "https",
      "X-Forwarded-Port": "444",
      "X-Forwarded-Prefix": "/evil",
      Forwarded: "host=evil.test;proto=https",
      "X-Original-URL": "/evil",
    }
    for (const place of PLACES) {
      for (const headers of [poison, { Host: "movr.localhost" }, { Host: "movr.localhost:9", ...poison }]) {
        const { text, body } = await auth.http.get(place).set(headers).expect(200)
        assert.equal(text, expected)
        const urls = Object.values(body).filter((value) => /^https?:/.test(String(value)))
        assert.ok(urls.length >= 4)
        for (const url of urls) assert.equal(new URL(String(url)).origin, PUBLIC_URL)
      }
      await auth.http.get(place).set({ Host: "evil.test" }).expect(421)
    }
  })

  // check 85, M20
  it("offers the code flow alone, and nothing that is not there", async () => {
    const { body } = await auth.http.get("/.well-known/openid-configuration")
    assert.deepEqual(body.response_types_supported, ["code"])
    for (const grant of ["implicit", "password"]) assert.ok(!body.grant_types_supported.includes(grant))
    assert.ok(body.grant_types_supported.includes("client_credentials"))
    assert.deepEqual(body.code_challenge_methods_supported, ["S256"])
    assert.equal(body.authorization_response_iss_parameter_supported, true)
    const algorithms = Object.entries(body).filter(([name]) => name.endsWith("_alg_values_supported"))
    for (const [name, values] of algorithms) assert.ok(!(values as string[]).includes("none"), name)
    for (const name of ["request_uri_parameter_supported", "request_parameter_supported"]) {
      assert.notEqual(body[name], true)
    }
    assert.equal(body.registration_endpoint, undefined)
  })

  it("names endpoints that answer", async () => {
    const { body } = await auth.http.get("/.well-known/openid-configuration")
    await auth.http.get(new URL(body.jwks_uri).pathname).expect(200)
    assert.equal(new URL(body.token_endpoint).pathname, "/oidc/token")
    await askForToken(auth).expect(200)
  })

  // check 85: each is refused with an error page or an error, never with a redirect that has a token.
  it("refuses implicit and hybrid flows at the authorization endpoint", async () => {
    for (const response_type of ["token", "id_token", "code id_token", "none", "code token"]) {
      const { status, headers } = await auth.http
        .get("/oidc/auth")
        .query({ client_id: "backend", response_type, redirect_uri: "https://evil.test", scope: "openid" })
      assert.equal(status, 400, response_type)
      assert.equal(headers.location, undefined)
    }
  })

  // check 91
  it("has no development screens", async () => {
    for (const path of ["/oidc/interaction/x", "/interaction/x", "/oidc/session/end/confirm"]) {
      const { status } = await auth.http.get(path)
      assert.ok([400, 404, 405].includes(status), `${path} gave ${status}`)
    }
  })
})
