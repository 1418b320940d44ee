import assert from "node:assert/strict"
import { CLIENTS, setupProvider } from "../oidc/support/apps.js"
import { codeFlow } from "../oidc/support/flows.js"
import { countMails } from "../support/mails.js"
import { logIn, me, newEmail, PASSWORD, refresh, register } from "../support/people.js"
import { claimsOf, openBrowser } from "../support/relying-party.js"
import { type Bundle, PUBLIC_URL } from "../support/setup.js"

const { partner } = CLIENTS

// check 64: the JSON API asks nobody for consent, and no app for a secret or a key.
describe("the apps that get tokens by the JSON API", () => {
  let auth: Bundle

  before(async () => {
    auth = await setupProvider({}, { basic: { hosts: ["basic.localhost"] } })
  })
  after(() => auth.stop())

  const REFUSED = [
    { "X-Client-Id": "partner" },
    { "X-Client-Id": "radio" },
    { "X-Client-Id": "basic" },
    { "X-Client-Id": "post" },
    { "X-Client-Id": "bound" },
    { Host: "basic.localhost" },
  ]

  it("are not somebody else's, nor those with a secret or with bound tokens", async () => {
    const { user, refresh_token } = await register(auth)
    const email = newEmail()
    const before = await count("auth.sessions")
    for (const headers of REFUSED) {
      for (const call of [
        logIn(auth, user.email),
        auth.http.post("/v1/auth/register").send({ email, password: PASSWORD }),
        refresh(auth, refresh_token),
      ]) {
        const { status, body } = await call.set(headers as Record<string, string>)
        assert.equal(status, 403, JSON.stringify(headers))
        assert.equal(body.code, "client.not-allowed-here")
        assert.equal(body.access_token, undefined)
      }
    }
    assert.equal(await count("auth.sessions"), before)
    assert.equal(await countMails(auth, "verify-email", email), 0)
    await refresh(auth, refresh_token).expect(200)
  })

  it("get none for a change of password either, and one that may gets its own", async () => {
    const change = (access_token: string, headers: Record<string, string> = {}) =>
      auth.http
        .post("/v1/users/me/password")
        .set({ Authorization: `Bearer ${access_token}`, ...headers })
        .send({ current_password: PASSWORD, new_password: "quite another passphrase" })
    for (const client of [partner, CLIENTS.basic]) {
      const more = client === partner ? { resource: PUBLIC_URL } : {}
      const { tokens, email } = await codeFlow(auth, { client, scope: "openid account", ...more })
      const { body } = await change(tokens.access_token).expect(403)
      assert.equal(body.code, "client.not-allowed-here")
      await logIn(auth, email).expect(200)
    }
    const { tokens } = await codeFlow(auth, { client: CLIENTS.native, scope: "openid account" })
    const { body } = await change(tokens.access_token, { "X-Client-Id": "tv" }).expect(200)
    assert.equal(claimsOf(body.access_token).client_id, "native")
  })

  it("say so in the words of each dialect", async () => {
    const { status, body } = await auth.http
      .post("/auth/login")
      .set("X-Client-Id", "partner")
      .send({ email: newEmail(), password: PASSWORD })
    assert.deepEqual([status, body.error, body.status_code], [403, "client_not_allowed_here", 403])
  })

  it("are those of our own, and the default's where nobody knows the id", async () => {
    const { user } = await register(auth)
    for (const [id, expected] of [
      ["native", "native"],
      ["tv", "tv"],
      ["nobody", "web"],
      ["constructor", "web"],
      ["backend", "web"],
    ] as const) {
      const { body } = await logIn(auth, user.email).set("X-Client-Id", id).expect(200)
      assert.equal(claimsOf(body.access_token).client_id, expected)
      await refresh(auth, body.refresh_token).set("X-Client-Id", id).expect(200)
    }
  })

  it("send their people mails all the same", async () => {
    const { user } = await register(auth)
    const browser = openBrowser(auth)
    const { status } = await browser.post("/forgot-password?client_id=partner", { email: user.email })
    assert.equal(status, 200)
    assert.equal(await countMails(auth, "reset-password", user.email), 1)
    await auth.http
      .post("/v1/auth/forgot-password")
      .set("X-Client-Id", "partner")
      .send({ email: user.email })
      .expect(200)
    assert.equal(await countMails(auth, "reset-password", user.email), 2)
  })

  const count = async (table: string) =>
    (await auth.db.query<{ count: number }>(`select count(*)::int from ${table}`))[0]?.count
})

// check 91: what people agree to is that an app reads and changes their account.
describe("somebody else's app that may read and change an account", () => {
  let auth: Bundle

  before(async () => {
    auth = await setupProvider()
  })
  after(() => auth.stop())

  it("neither sees nor ends other sessions than its own", async () => {
    const api = { client: partner, scope: "openid account", resource: PUBLIC_URL }
    const { tokens, registered } = await codeFlow(auth, api)
    const bearer = { Authorization: `Bearer ${tokens.access_token}` }
    const sid = String(claimsOf(registered.access_token).sid)
    for (const call of [
      auth.http.get("/v1/auth/sessions"),
      auth.http.delete(`/v1/auth/sessions/${sid}`),
      auth.http.delete("/v1/auth/sessions?which=others"),
      auth.http.delete("/v1/auth/sessions"),
    ]) {
      const { status, body } = await call.set(bearer)
      assert.equal(status, 403)
      assert.equal(body.code, "token.scope-missing")
    }
    await me(auth, registered.access_token).expect(200)

    await me(auth, tokens.access_token).expect(200)
    await auth.http.post("/v1/auth/logout").set(bearer).expect(200)
    await me(auth, tokens.access_token).expect(401)
  })

  it("is seen and ended from the operator's own", async () => {
    const { tokens, registered } = await codeFlow(auth, { client: partner, scope: "openid" })
    const bearer = { Authorization: `Bearer ${registered.access_token}` }
    const { body } = await auth.http.get("/v1/auth/sessions").set(bearer).expect(200)
    const theirs = body.items.find(({ app }: { app: { client_id: string } }) => app.client_id === "partner")
    await auth.http.delete(`/v1/auth/sessions/${theirs.id}`).set(bearer).expect(200)
    await auth.http.get("/oidc/me").set("Authorization", `Bearer ${tokens.access_token}`).expect(401)
  })
})
