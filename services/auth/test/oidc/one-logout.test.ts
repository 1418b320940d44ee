import assert from "node:assert/strict"
import { logOut, me, PASSWORD, refresh } from "../support/people.js"
import { ask, authorization, type Browser, refreshAtTokenEndpoint } from "../support/relying-party.js"
import type { Bundle } from "../support/setup.js"
import { CLIENTS, setupProvider } from "./support/apps.js"
import { codeFlow, goThrough, open, silently } from "./support/flows.js"
import { signOut } from "./support/sign-out.js"

const { web, basic, partner } = CLIENTS
const SCOPE = "openid account"

// DESIGN.md D4: one logout ends a session at both doors. check 66
describe("one logout", () => {
  let auth: Bundle

  before(async () => {
    auth = await setupProvider()
  })
  after(() => auth.stop())

  /** A browser with two of our apps open. */
  async function withTwoApps() {
    const first = await codeFlow(auth, { scope: SCOPE })
    assert.ok((await silently(first.browser, basic)).code)
    return first
  }

  const bearerOf = async (email: string) => {
    const { body } = await auth.http.post("/v1/auth/login").send({ email, password: PASSWORD }).expect(200)
    return { Authorization: `Bearer ${body.access_token}` }
  }
  const list = async (bearer: { Authorization: string }) =>
    (await auth.http.get("/v1/auth/sessions").set(bearer).expect(200)).body.items as {
      id: string
      app: { client_id: string }
    }[]
  const errorAt = async (browser: Browser, client = web as (typeof CLIENTS)[keyof typeof CLIENTS]) =>
    (await silently(browser, client)).error

  it("at the JSON door ends the tokens of the code flow, signed, opaque and refresh", async () => {
    const { tokens, browser } = await withTwoApps()
    const request = authorization({ ...web, scope: "openid" })
    const { location = "" } = await open(browser, request)
    const opaque = await ask(auth, "token", web, {
      grant_type: "authorization_code",
      code: new URL(location).searchParams.get("code") ?? "",
      redirect_uri: web.redirectUri,
      code_verifier: request.verifier,
    }).expect(200)

    await logOut(auth, tokens.access_token).expect(200)

    await me(auth, tokens.access_token).expect(401)
    await auth.http.get("/oidc/me").set("Authorization", `Bearer ${opaque.body.access_token}`).expect(401)
    for (const token of [tokens.refresh_token, opaque.body.refresh_token]) {
      await refreshAtTokenEndpoint(auth, web, token).expect(400)
      await refresh(auth, token).expect(401)
    }
  })

  it("at the JSON door ends the browser's silent sign-in for that app, and for no other", async () => {
    const { tokens, browser, email } = await withTwoApps()
    await logOut(auth, tokens.access_token).expect(200)
    assert.equal(await errorAt(browser), "login_required")
    assert.equal(await errorAt(browser, basic), null)

    const page = await open(browser, authorization({ ...web, scope: SCOPE }))
    assert.match(page.text, /type="password"/)
    const back = await goThrough(browser, page, email)
    assert.ok(back.location?.includes("code="))
    assert.equal(await errorAt(browser), null)
  })

  it("of the browser's last session ends the browser's sign-in as well", async () => {
    const { tokens, browser } = await codeFlow(auth, { scope: SCOPE })
    await logOut(auth, tokens.access_token).expect(200)
    for (const client of [web, basic, partner]) assert.equal(await errorAt(browser, client), "login_required")
  })

  it("of everything, from another device, does that too", async () => {
    const { browser, email } = await withTwoApps()
    for (const which of ["others", "all"]) {
      await auth.http
        .delete("/v1/auth/sessions")
        .query({ which })
        .set(await bearerOf(email))
        .expect(200)
      for (const client of [web, basic, partner])
        assert.equal(await errorAt(browser, client), "login_required")
    }
  })

  it("from the list of sessions ends that one", async () => {
    const { browser, email, tokens } = await withTwoApps()
    const bearer = await bearerOf(email)
    const mine = (await list(bearer)).find(({ app }) => app.client_id === "basic")
    await auth.http.delete(`/v1/auth/sessions/${mine?.id}`).set(bearer).expect(200)
    assert.equal(await errorAt(browser, basic), "login_required")
    await me(auth, tokens.access_token).expect(200)
  })

  it("in the browser ends every app of ours that was opened there, and says so to the JSON door", async () => {
    const { browser, email, tokens } = await withTwoApps()
    await signOut(browser, {})
    for (const client of [web, basic]) assert.equal(await errorAt(browser, client), "login_required")
    await me(auth, tokens.access_token).expect(401)
    await refresh(auth, tokens.refresh_token).expect(401)
    const apps = (await list(await bearerOf(email))).map(({ app }) => app.client_id)
    // What is left came by the JSON door: the registration, and the sign-in that asks.
    assert.deepEqual(apps, ["web", "web"])
  })

  // OpenID Connect Back-Channel Logout section 2.7: what was granted for while somebody is away stays.
  it("in the browser leaves somebody else's app what it may do while its person is away", async () => {
    const offline = { client: partner, scope: "openid offline_access", prompt: "consent" }
    const [away, present] = [
      await codeFlow(auth, offline),
      await codeFlow(auth, { client: partner, scope: "openid" }),
    ]
    await signOut(away.browser, {})
    await refreshAtTokenEndpoint(auth, partner, away.tokens.refresh_token).expect(200)
    await signOut(present.browser, {})
    await auth.http.get("/oidc/me").set("Authorization", `Bearer ${present.tokens.access_token}`).expect(401)
  })

  it("in the browser ends our own app's session also where it asked for offline access", async () => {
    const { browser, tokens } = await codeFlow(auth, {
      client: basic,
      scope: "openid offline_access account",
      prompt: "consent",
    })
    await signOut(browser, {})
    await me(auth, tokens.access_token).expect(401)
    await refreshAtTokenEndpoint(auth, basic, tokens.refresh_token).expect(400)
  })

  it("and somebody else's sign-in in the same browser begin sessions of their own", async () => {
    const first = await withTwoApps()
    const second = await codeFlow(auth, { scope: SCOPE })
    const page = await open(first.browser, authorization({ ...web, scope: SCOPE, prompt: "login" }))
    const switched = await first.browser.post(`${page.path}/login`, {
      email: second.email,
      password: PASSWORD,
    })
    // The provider signs the first person out before, by a form that goes by itself.
    const form = await first.browser.follow(switched)
    const xsrf = /name="xsrf" value="([\w-]+)"/.exec(form.text)?.[1] ?? ""
    const confirmed = await first.browser.post("/oidc/session/end/confirm", { xsrf, logout: "yes" })
    const back = await first.browser.follow(confirmed)
    assert.ok(back.location?.startsWith(web.redirectUri), back.text)
    await me(auth, first.tokens.access_token).expect(401)
    await me(auth, second.tokens.access_token).expect(200)
  })

  it("is told to the audit, with the session and the app", async () => {
    const { tokens, userId } = await codeFlow(auth, { scope: SCOPE })
    await logOut(auth, tokens.access_token).expect(200)
    const events = await auth.db.query<{ event: string }>(
      "select event, client_id from auth.audit_events where account_id = ? and session_id is not null order by id",
      [userId],
    )
    assert.deepEqual(
      events.map(({ event }) => event),
      ["session.started", "session.started", "session.ended"],
    )
  })
})
