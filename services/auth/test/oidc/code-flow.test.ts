import assert from "node:assert/strict"
import { me, newEmail, PASSWORD, refresh, register } from "../support/people.js"
import { authorization, exchangeCode, openBrowser } from "../support/relying-party.js"
import { type Bundle, setup } from "../support/setup.js"

const WEB = { clientId: "samplemind", redirectUri: "http://localhost:5173/callback" }

describe("the code flow", () => {
  let auth: Bundle

  before(async () => {
    auth = await setup()
  })
  after(() => auth.stop())

  const refreshAtTokenEndpoint = (refresh_token: string, client_id = WEB.clientId) =>
    auth.http.post("/oidc/token").type("form").send({ grant_type: "refresh_token", refresh_token, client_id })

  async function signInByBrowser(scope: string) {
    const email = newEmail()
    await register(auth, email)
    const browser = openBrowser(auth)
    const request = authorization({ ...WEB, scope })
    const page = await browser.follow(await browser.get(request.path))
    assert.equal(page.status, 200, page.text)
    assert.match(page.text, /Sign in to SampleMind/)
    const wrong = await browser.post(`${page.path}/login`, { email, password: "not the password" })
    assert.equal(wrong.status, 401)
    const back = await browser.follow(await browser.post(`${page.path}/login`, { email, password: PASSWORD }))
    const location = back.location ?? ""
    assert.ok(location.startsWith(WEB.redirectUri), back.text)
    const tokens = await exchangeCode(auth, request, location)
    assert.equal(tokens.status, 200, JSON.stringify(tokens.body))
    return { email, browser, tokens: tokens.body, location, request }
  }

  it("signs a person in with a wrong password first, and gives tokens that work here", async () => {
    const { tokens, email } = await signInByBrowser("openid email account notifications:read")
    assert.ok(tokens.id_token)
    const who = await me(auth, tokens.access_token).expect(200)
    assert.equal(who.body.email, email)
  })

  // DESIGN.md D4: one store, two doors
  it("gives refresh tokens that both doors take, with the same successor", async () => {
    const { tokens } = await signInByBrowser("openid account notifications:read")
    const byOidc = await refreshAtTokenEndpoint(tokens.refresh_token)
    assert.equal(byOidc.status, 200, JSON.stringify(byOidc.body))
    const byJson = await refresh(auth, tokens.refresh_token).expect(200)
    assert.equal(byJson.body.refresh_token, byOidc.body.refresh_token)
    await me(auth, byJson.body.access_token).expect(200)
  })

  it("takes a refresh token of the JSON log-in at the token endpoint", async () => {
    const { refresh_token } = await register(auth)
    const first = await refreshAtTokenEndpoint(refresh_token, "jobswipe")
    assert.equal(first.status, 200, JSON.stringify(first.body))
    await me(auth, first.body.access_token).expect(200)
    const second = await refresh(auth, first.body.refresh_token).expect(200)
    await refreshAtTokenEndpoint(refresh_token, "jobswipe").expect(400)
    await refresh(auth, second.body.refresh_token).expect(401)
  })

  it("lists the session beside those of the JSON door, and ending it ends its tokens", async () => {
    const { tokens, email } = await signInByBrowser("openid account")
    const json = await auth.http.post("/v1/auth/login").send({ email, password: PASSWORD })
    const bearer = { Authorization: `Bearer ${json.body.access_token}` }
    const { body } = await auth.http.get("/v1/auth/sessions").set(bearer).expect(200)
    const mine = body.items.find(
      (item: { app: { client_id: string } }) => item.app.client_id === WEB.clientId,
    )
    assert.equal(mine.is_current, false)

    await auth.http.delete(`/v1/auth/sessions/${mine.id}`).set(bearer).expect(200)
    await me(auth, tokens.access_token).expect(401)
    await refreshAtTokenEndpoint(tokens.refresh_token).expect(400)
  })

  // check 54
  it("asks a browser to sign in again after a password reset", async () => {
    const { browser, email } = await signInByBrowser("openid account")
    const again = authorization({ ...WEB, scope: "openid" })
    const silent = await browser.follow(await browser.get(again.path))
    assert.ok(silent.location?.startsWith(WEB.redirectUri))

    await auth.http.post("/v1/auth/forgot-password").send({ email }).expect(200)
    const token = await auth.tokenFromMail("reset-password")
    await auth.http
      .post("/v1/auth/reset-password")
      .send({ token, new_password: "another few words" })
      .expect(200)
    const asked = await browser.follow(await browser.get(authorization({ ...WEB, scope: "openid" }).path))
    assert.match(asked.text, /Sign in to SampleMind/)
  })
})
