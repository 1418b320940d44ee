import assert from "node:assert/strict"
import { exchange, request } from "../support/raw.js"
import { ask, authorization, openBrowser } from "../support/relying-party.js"
import { type Bundle, PUBLIC_URL, SECRETS } from "../support/setup.js"
import { CLIENTS, setupProvider } from "./support/apps.js"
import { codeFlow, open } from "./support/flows.js"

const { web, basic } = CLIENTS
const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"

/** As bytes in a form or an address: percent-encoded already. */
const ODD = [
  "%00",
  "a%00b",
  "%C0%80",
  "%ED%A0%80",
  "%FF%FE",
  "%F0%9F%92%A9",
  "%E2%80%AE",
  "%0D%0ASet-Cookie:%20a=b",
  "x".repeat(3_000),
  "%27%20or%201=1--",
  "..%2F..%2Fetc%2Fpasswd",
  "stored:x",
  "__proto__",
  "%",
  "[]",
]

// check 21, M2: oidc-provider hands every id on as it came.
describe("odd bytes at the provider", () => {
  let auth: Bundle
  let accessToken: string

  before(async () => {
    auth = await setupProvider()
    accessToken = (await codeFlow(auth, { scope: "openid" })).tokens.access_token
  })
  after(() => auth.stop())

  const secret = `&client_id=basic&client_secret=${CLIENTS.basic.secret}`

  /** Bodies with the odd value in each place that could reach the database. */
  const bodies: [endpoint: string, body: (odd: string) => string][] = [
    ["token", (odd) => `grant_type=authorization_code&code=${odd}&redirect_uri=x&code_verifier=x${secret}`],
    [
      "token",
      (odd) => `grant_type=authorization_code&code=x&redirect_uri=${odd}&code_verifier=${odd}${secret}`,
    ],
    ["token", (odd) => `grant_type=refresh_token&refresh_token=${odd}${secret}`],
    ["token", (odd) => `grant_type=refresh_token&refresh_token=x&scope=${odd}&resource=${odd}${secret}`],
    ["token", (odd) => `grant_type=${encodeURIComponent(DEVICE_GRANT)}&device_code=${odd}&client_id=tv`],
    ["token", (odd) => `grant_type=${odd}${secret}`],
    ["token", (odd) => `grant_type=refresh_token&refresh_token=x&client_id=${odd}`],
    ["token", (odd) => `grant_type=refresh_token&refresh_token=x&client_id=basic&client_secret=${odd}`],
    ["device/auth", (odd) => `client_id=${odd}`],
    ["request", (odd) => `client_id=${odd}&client_secret=x`],
    ["request", (odd) => `response_type=code&redirect_uri=${odd}&scope=openid${secret}`],
  ]
  /** RFC 7009 section 2.2, RFC 7662 section 2.2: a token that nobody knows is no error. */
  const lookUps: [endpoint: string, body: (odd: string) => string][] = [
    ["token/introspection", (odd) => `token=${odd}${secret}`],
    ["token/introspection", (odd) => `token=${odd}&token_type_hint=${odd}${secret}`],
    ["token/revocation", (odd) => `token=${odd}${secret}`],
    ["token/revocation", (odd) => `token=${odd}&token_type_hint=refresh_token${secret}`],
  ]

  const post = (endpoint: string, body: string) =>
    auth.http.post(`/oidc/${endpoint}`).type("application/x-www-form-urlencoded").send(body)

  it("in ids, codes, tokens and secrets are the client's fault, never ours", async () => {
    for (const odd of ODD) {
      for (const [endpoint, body] of bodies) {
        const { status, text } = await post(endpoint, body(odd))
        assert.ok(status >= 400 && status < 500, `${endpoint} ${body(odd).slice(0, 90)} gave ${status}`)
        assert.ok(!text.includes("server_error"))
      }
    }
  })

  it("in a token to look up are a token that nobody knows", async () => {
    for (const odd of ODD) {
      for (const [endpoint, body] of lookUps) {
        const { status, body: answer } = await post(endpoint, body(odd))
        assert.ok([200, 400].includes(status), `${endpoint} ${odd.slice(0, 20)} gave ${status}`)
        assert.ok(!answer.active)
      }
    }
  })

  it("in a bearer token or a proof are refused", async () => {
    for (const odd of ["\u00ff\u00fe", "stored:x", "x".repeat(3_000), "a b", "", "'"]) {
      for (const scheme of ["Bearer", "DPoP", "Basic", "x"]) {
        const { status } = await auth.http
          .get("/oidc/me")
          .set({ Authorization: `${scheme} ${odd}`, DPoP: odd })
        assert.ok([400, 401].includes(status), `${scheme} ${odd} gave ${status}`)
      }
    }
    await auth.http.get("/oidc/me").set("Authorization", `Bearer ${accessToken}`).expect(200)
  })

  // check 64: what a copy of the database holds is no token.
  it("and the ids in the database open nothing", async () => {
    const rows = await auth.db.query<{ id: string; model: string }>(
      "select id, model from auth.oidc_artifacts",
    )
    assert.ok(rows.some(({ model }) => model === "AccessToken"))
    for (const { id } of rows) {
      for (const token of [id, `stored:${id}`]) {
        await auth.http.get("/oidc/me").set("Authorization", `Bearer ${token}`).expect(401)
        const { body } = await post("token/introspection", `token=${encodeURIComponent(token)}${secret}`)
        assert.deepEqual(body, { active: false })
        await ask(auth, "token/revocation", web, { token }).expect(200)
        const code = { grant_type: DEVICE_GRANT, device_code: token }
        assert.equal((await ask(auth, "token", CLIENTS.tv, code)).status, 400)
      }
    }
    await auth.http.get("/oidc/me").set("Authorization", `Bearer ${accessToken}`).expect(200)
  })

  it("in a request are told to the client, or an error page, before and after the sign-in", async () => {
    const names = [
      "client_id",
      "redirect_uri",
      "state",
      "nonce",
      "scope",
      "prompt",
      "login_hint",
      "ui_locales",
      "acr_values",
      "id_token_hint",
      "claims",
      "resource",
      "response_mode",
      "request_uri",
      "code_challenge",
      "max_age",
      "display",
      "dpop_jkt",
      "request",
      "registration",
      "nothing",
    ]
    const { browser: known } = await codeFlow(auth, { scope: "openid" })
    for (const browser of [openBrowser(auth), known]) {
      for (const odd of ODD.slice(0, 8)) {
        for (const name of names) {
          const { params } = authorization({ ...web, scope: "openid" })
          delete params[name]
          const { status, location = "" } = await browser.get(
            `/oidc/auth?${new URLSearchParams(params)}&${name}=${odd}`,
          )
          assert.ok(status < 500, `${name}=${odd} gave ${status}`)
          assert.doesNotMatch(location, /server_error/, `${name}=${odd}`)
          assert.ok(
            !location.startsWith("http") ||
              location.startsWith(web.redirectUri) ||
              location.startsWith(PUBLIC_URL),
          )
        }
      }
    }
  })

  it("in a pushed request are refused when it is pushed or when it is used", async () => {
    for (const name of ["state", "nonce", "login_hint", "acr_values"]) {
      const { params } = authorization({ ...basic, scope: "openid", [name]: "a\0b" })
      const { status, body } = await ask(auth, "request", basic, params)
      assert.ok([201, 400].includes(status))
      if (status === 400) continue
      const query = new URLSearchParams({ client_id: "basic", request_uri: body.request_uri })
      const used = await openBrowser(auth).get(`/oidc/auth?${query}`)
      assert.ok(used.status < 500 && !used.location?.includes("/interaction/"), used.text)
    }
  })

  it("in a device's request and a sign-out are refused", async () => {
    for (const odd of ODD.slice(0, 8)) {
      for (const name of ["scope", "login_hint", "acr_values", "max_age"]) {
        const { status, text } = await post("device/auth", `client_id=tv&${name}=${odd}`)
        assert.ok(status < 500 && !text.includes("server_error"), `${name}=${odd} gave ${status}`)
      }
      for (const name of [
        "id_token_hint",
        "client_id",
        "post_logout_redirect_uri",
        "state",
        "ui_locales",
        "logout_hint",
      ]) {
        const { status } = await openBrowser(auth).get(`/oidc/session/end?${name}=${odd}`)
        assert.ok(status < 500, `${name}=${odd} gave ${status}`)
      }
      const success = await openBrowser(auth).get(`/oidc/session/end/success?client_id=${odd}`)
      assert.ok(success.status < 500)
    }
  })

  it("in cookies are no session", async () => {
    const { path } = authorization({ ...web, scope: "openid", prompt: "none" })
    for (const value of ["%00", "\u00ff", "a".repeat(4_000), "'", "{}"]) {
      const cookie = `_session=${value}; _session.sig=${value}; _interaction=${value}; _interaction_resume=${value}`
      for (const target of [path, "/oidc/session/end", "/oidc/device", "/interaction/x", "/oidc/auth/x"]) {
        const { status } = await auth.http.get(target).set("Cookie", cookie).redirects(0)
        assert.ok(status < 500, `${target} ${value.slice(0, 9)} gave ${status}`)
      }
    }
  })

  // check 5, M20: oidc-provider would take its own address from a request line like this.
  it("in the request line don't become our address", async () => {
    for (const line of [
      "GET http://evil.test/oidc/.well-known/openid-configuration HTTP/1.1",
      "GET http://evil.test/.well-known/openid-configuration HTTP/1.1",
      `GET http://evil.test${authorization({ ...web, scope: "openid" }).path} HTTP/1.1`,
      "GET //evil.test/oidc/session/end HTTP/1.1",
      "GET /oidc//evil.test/auth HTTP/1.1",
    ]) {
      const answer = await exchange(auth.url, request(line, ["Host: localhost:8000", "Connection: close"]))
      assert.doesNotMatch(answer, /HTTP\/1\.1 5\d\d/)
      assert.ok(!answer.includes("evil.test") || /^HTTP\/1\.1 4/.test(answer), answer.slice(0, 600))
    }
  })

  it("leave the service as it was", async () => {
    const { status } = await ask(
      auth,
      "token",
      { clientId: "backend", secret: SECRETS.SERVICE_CLIENT_SECRET },
      { grant_type: "client_credentials", scope: "notifications:write" },
    )
    assert.equal(status, 200)
    const page = await open(openBrowser(auth), authorization({ ...web, scope: "openid" }))
    assert.equal(page.status, 200)
  })
})
