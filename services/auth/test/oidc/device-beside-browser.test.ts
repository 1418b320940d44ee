import assert from "node:assert/strict"
import { me, refresh } from "../support/people.js"
import { type Answer, ask, type Browser, claimsOf, exchangeCode } from "../support/relying-party.js"
import type { Bundle } from "../support/setup.js"
import { CLIENTS, setupProvider } from "./support/apps.js"
import { codeFlow, silently } from "./support/flows.js"
import { signOut } from "./support/sign-out.js"

const { web } = CLIENTS
const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
const SCOPE = "openid account"

// check 66
describe("a device that is let in from a browser where its app is open", () => {
  let auth: Bundle

  before(async () => {
    const grant_types = ["authorization_code", "refresh_token", DEVICE_GRANT]
    auth = await setupProvider({}, { web: { grant_types } })
  })
  after(() => auth.stop())

  const xsrfOf = ({ text }: Answer) => /name="xsrf" value="(\w+)"/.exec(text)?.[1] ?? "none"

  async function letIn(browser: Browser) {
    const { body: device } = await ask(auth, "device/auth", web, { scope: SCOPE }).expect(200)
    const { user_code, device_code } = device
    const form = xsrfOf(await browser.get("/oidc/device"))
    const page = await browser.post("/oidc/device", { xsrf: form, user_code })
    const confirmed = { xsrf: xsrfOf(page), user_code, confirm: "yes" }
    assert.match((await browser.post("/oidc/device", confirmed)).text, /The device is signed in/)
    return (await ask(auth, "token", web, { grant_type: DEVICE_GRANT, device_code }).expect(200)).body
  }

  it("has a session of its own, and the browser keeps its own", async () => {
    const { browser, tokens } = await codeFlow(auth, { scope: SCOPE })
    const device = await letIn(browser)
    assert.notEqual(claimsOf(device.access_token).sid, claimsOf(tokens.access_token).sid)

    const { request, location } = await silently(browser, web, { scope: SCOPE })
    const { body: again } = await exchangeCode(auth, request, location).expect(200)
    assert.equal(claimsOf(again.access_token).sid, claimsOf(tokens.access_token).sid)
  })

  it("stays signed in when the person signs out of the browser, whose own session ends", async () => {
    const { browser, tokens } = await codeFlow(auth, { scope: SCOPE })
    const device = await letIn(browser)
    await signOut(browser, { client_id: "web" })
    await me(auth, tokens.access_token).expect(401)
    await refresh(auth, tokens.refresh_token).expect(401)
    await me(auth, device.access_token).expect(200)
  })

  it("leaves the browser signed in when it signs out itself", async () => {
    const { browser, tokens } = await codeFlow(auth, { scope: SCOPE })
    const { access_token } = await letIn(browser)
    await auth.http.post("/v1/auth/logout").set("Authorization", `Bearer ${access_token}`).expect(200)
    await me(auth, tokens.access_token).expect(200)
    assert.equal((await silently(browser, web)).error, null)
  })
})
