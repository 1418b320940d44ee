import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { me, newEmail, PASSWORD, refresh, register } from "../support/people.js"
import {
  type Answer,
  ask,
  type Browser,
  claimsOf,
  openBrowser,
  refreshAtTokenEndpoint,
} from "../support/relying-party.js"
import { type Bundle, PUBLIC_URL } from "../support/setup.js"
import { CLIENTS, setupProvider } from "./support/apps.js"
import { codeFlow, goThrough, silently } from "./support/flows.js"
import { signOut } from "./support/sign-out.js"

const { tv, radio } = CLIENTS

// RFC 8628
describe("the device flow", () => {
  let auth: Bundle

  before(async () => {
    auth = await setupProvider()
  })
  after(() => auth.stop())

  const start = async (client = tv as { clientId: string }, form: Record<string, string> = {}) =>
    (await ask(auth, "device/auth", client, { scope: "openid account", ...form }).expect(200)).body
  const poll = (device_code: string, client = tv as { clientId: string }) =>
    ask(auth, "token", client, { grant_type: "urn:ietf:params:oauth:grant-type:device_code", device_code })
  const xsrfOf = ({ text }: Answer) => /name="xsrf" value="(\w+)"/.exec(text)?.[1] ?? "none"

  /** Types the code in, and comes to the page that asks whether to go on. */
  async function enter(browser: Browser, user_code: string) {
    const page = await browser.get("/oidc/device")
    return browser.post("/oidc/device", { xsrf: xsrfOf(page), user_code })
  }
  const confirm = async (browser: Browser, page: Answer, user_code: string, answer = "confirm") =>
    browser.follow(
      await browser.post("/oidc/device", { xsrf: xsrfOf(page), user_code, [answer]: "yes", confirm: "yes" }),
    )

  async function letIn(client: { clientId: string } = tv, form: Record<string, string> = {}) {
    const device = await start(client, form)
    const email = newEmail()
    await register(auth, email)
    const browser = openBrowser(auth)
    const page = await enter(browser, device.user_code)
    const end = await goThrough(browser, await confirm(browser, page, device.user_code), email)
    assert.match(end.text, /The device is signed in/)
    return { device, email, browser }
  }

  it("goes from the code on the screen to tokens that work", async () => {
    const device = await start()
    assert.equal(device.verification_uri, `${PUBLIC_URL}/oidc/device`)
    assert.match(device.user_code, /^[BCDFGHJ-NP-TVWXZ]{4}-[BCDFGHJ-NP-TVWXZ]{4}$/)
    assert.equal((await poll(device.device_code).expect(400)).body.error, "authorization_pending")

    const email = newEmail()
    await register(auth, email)
    const browser = openBrowser(auth)
    const sloppy = ` ${device.user_code.toLowerCase().replace("-", " ")} `
    const page = await enter(browser, sloppy)
    assert.match(page.text, new RegExp(`Sign in to TV on the device\\?[\\s\\S]*${device.user_code}`))
    assert.equal((await poll(device.device_code).expect(400)).body.error, "authorization_pending")
    const end = await goThrough(browser, await confirm(browser, page, device.user_code), email)
    assert.match(end.text, /The device is signed in/)

    const { body } = await poll(device.device_code).expect(200)
    assert.equal(claimsOf(body.id_token).sid, claimsOf(body.access_token).sid)
    assert.equal((await me(auth, body.access_token).expect(200)).body.email, email)
    await refreshAtTokenEndpoint(auth, tv, body.refresh_token).expect(200)
  })

  it("gives one poll of 16 the tokens, and the code is spent", async () => {
    const { device } = await letIn()
    const answers = await race(16, () => poll(device.device_code))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    for (const { status, body } of answers) if (status !== 200) assert.equal(body.error, "invalid_grant")
    await poll(device.device_code).expect(400)
    const winner = answers.find(({ status }) => status === 200)
    await refreshAtTokenEndpoint(auth, tv, winner?.body.refresh_token).expect(200)
  })

  it("says what is wrong with a code, and takes it once", async () => {
    const { device } = await letIn()
    const browser = openBrowser(auth)
    assert.match(
      (await enter(browser, device.user_code)).text,
      /role="alert"[^>]*>This code was used already/,
    )
    for (const odd of ["", "BBBB-BBBB", "\0", "x".repeat(300), "<script>", "ß", "' or 1=1--"]) {
      const { status, text } = await enter(browser, odd)
      assert.ok(status < 500, odd)
      assert.match(text, /role="alert"/)
      assert.doesNotMatch(text, /<script>/)
    }
    const late = await start()
    await auth.db.elapse(590)
    await enter(browser, late.user_code)
    await auth.db.elapse(11)
    assert.match((await enter(browser, late.user_code)).text, /role="alert"/)
    assert.ok(["expired_token", "invalid_grant"].includes((await poll(late.device_code)).body.error))
  })

  it("is declined by one click, before and after the sign-in, and the device is told", async () => {
    const device = await start()
    const browser = openBrowser(auth)
    const page = await enter(browser, device.user_code)
    const end = await confirm(browser, page, device.user_code, "abort")
    assert.match(end.text, /The device is not signed in/)
    assert.equal((await poll(device.device_code).expect(400)).body.error, "access_denied")

    const second = await start(radio)
    const asked = await confirm(browser, await enter(browser, second.user_code), second.user_code)
    const aborted = await browser.follow(await browser.post(`${asked.path}/abort`, {}))
    assert.match(aborted.text, /The device is not signed in/)
    assert.equal((await poll(second.device_code, radio).expect(400)).body.error, "access_denied")
  })

  it("asks for consent where the device is somebody else's", async () => {
    const device = await start(radio, { scope: "openid email offline_access" })
    const browser = openBrowser(auth)
    const email = newEmail()
    await register(auth, email)
    const login = await confirm(browser, await enter(browser, device.user_code), device.user_code)
    const consent = await browser.follow(
      await browser.post(`${login.path}/login`, { email, password: PASSWORD }),
    )
    assert.match(consent.text, /Continue to RADIO\?[\s\S]*see your email address/)
    await goThrough(browser, consent, email)
    const { body } = await poll(device.device_code, radio).expect(200)
    assert.ok(body.refresh_token)
  })

  it("belongs to the browser that typed the code: no form without its own session", async () => {
    const device = await start()
    const browser = openBrowser(auth)
    const page = await enter(browser, device.user_code)
    for (const stranger of [openBrowser(auth), browser]) {
      const form = {
        xsrf: stranger === browser ? "0".repeat(48) : xsrfOf(page),
        user_code: device.user_code,
        confirm: "yes",
      }
      const { status } = await stranger.post("/oidc/device", form)
      assert.equal(status, 400)
    }
    assert.equal((await poll(device.device_code)).body.error, "authorization_pending")
    for (const path of ["/oidc/device/nothing", "/oidc/device/auth"]) {
      const lost = await openBrowser(auth).get(path)
      assert.equal(lost.status, 400)
      assert.match(lost.text, /keeps no cookies/)
    }
  })

  it("is for its own client, and no other device's code is found by guessing the wrong one", async () => {
    const { device } = await letIn()
    assert.equal((await poll(device.device_code, radio).expect(400)).body.error, "invalid_grant")
    assert.equal((await poll("nothing").expect(400)).body.error, "invalid_grant")
    await ask(auth, "device/auth", CLIENTS.web, { scope: "openid" }).expect(400)
    await poll(device.device_code).expect(200)
  })

  it("gives the device a session of its own: the browser's sign-out leaves it, its own end ends it", async () => {
    for (const client of [tv, radio]) {
      const { device, browser } = await letIn(client, { scope: "openid offline_access" })
      const { body } = await poll(device.device_code, client).expect(200)
      await signOut(browser, {})
      assert.equal((await silently(browser, CLIENTS.web)).error, "login_required")
      const next = await refreshAtTokenEndpoint(auth, client, body.refresh_token).expect(200)
      await ask(auth, "token/revocation", client, { token: next.body.refresh_token }).expect(200)
      await refreshAtTokenEndpoint(auth, client, next.body.refresh_token).expect(400)
    }
  })

  it("shares the session list with both doors", async () => {
    const { device, email } = await letIn()
    const { body } = await poll(device.device_code).expect(200)
    const json = await auth.http.post("/v1/auth/login").send({ email, password: PASSWORD })
    const bearer = { Authorization: `Bearer ${json.body.access_token}` }
    const { body: list } = await auth.http.get("/v1/auth/sessions").set(bearer)
    assert.ok(list.items.some((item: { app: { client_id: string } }) => item.app.client_id === "tv"))
    await refresh(auth, body.refresh_token).expect(200)
  })

  it("by the address with the code in it, asks all the same", async () => {
    const { browser } = await codeFlow(auth)
    const device = await start()
    const { pathname, search } = new URL(device.verification_uri_complete)
    const page = await browser.get(pathname + search)
    const confirmed = await browser.post("/oidc/device", { xsrf: xsrfOf(page), user_code: device.user_code })
    assert.match(confirmed.text, /Sign in to TV on the device\?/)
    assert.equal((await poll(device.device_code)).body.error, "authorization_pending")
  })
})
