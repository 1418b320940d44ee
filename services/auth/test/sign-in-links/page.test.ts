import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { CLIENTS, setupProvider } from "../oidc/support/apps.js"
import { open } from "../oidc/support/flows.js"
import { codesFromMails, tokensFromMails, wrong } from "../support/mails.js"
import { newEmail, register } from "../support/people.js"
import { authorization, claimsOf, exchangeCode, openBrowser } from "../support/relying-party.js"
import type { Bundle } from "../support/setup.js"

describe("sign-in by a mail, in a browser", () => {
  let auth: Bundle

  before(async () => {
    auth = await setupProvider()
  })
  after(() => auth.stop())

  /** A browser that asked for a mail at the sign-in page of an app. */
  async function asked(email = newEmail()) {
    const person = await register(auth, email)
    const browser = openBrowser(auth)
    const request = authorization({ ...CLIENTS.web, scope: "openid email account" })
    const page = await open(browser, request)
    const path = /href="(\/interaction\/[^"]+\/sign-in-link)"/.exec(page.text)?.[1] ?? ""
    assert.match((await browser.get(path)).text, /Sign in by email/)
    const sent = await browser.post(path, { email })
    assert.equal(sent.status, 200, sent.text)
    const token = (await tokensFromMails(auth, "sign-in-link", email)).at(-1) ?? ""
    const otp = (await codesFromMails(auth, "sign-in-link", email)).at(-1) ?? ""
    return { person, browser, request, path, sent, token, otp }
  }

  async function arrives(
    flow: Awaited<ReturnType<typeof asked>>,
    path: string,
    form: Record<string, string>,
  ) {
    const { browser, request, person } = flow
    const end = await browser.follow(await browser.post(path, form))
    assert.ok(end.location?.startsWith(request.redirectUri), `${end.status} ${end.text}`)
    const tokens = (await exchangeCode(auth, request, end.location ?? "")).body
    const { sub, amr } = claimsOf(tokens.access_token)
    assert.deepEqual([sub, amr], [person.user.id, ["otp"]])
  }

  // check 49
  it("signs in by the link's button, after it was opened as often as a mail scanner likes", async () => {
    const flow = await asked()
    const link = `/sign-in-link?client_id=web&token=${flow.token}`
    for (let scan = 0; scan < 5; scan++) await auth.http.get(link).set("Accept", "text/html").expect(200)
    const page = await flow.browser.follow(await flow.browser.get(link))
    const action = /action="([^"]+)"/.exec(page.text)?.[1] ?? ""
    assert.equal(page.headers.get("referrer-policy"), "no-referrer")
    await arrives(flow, action, { token: flow.token })
  })

  it("signs in by the code, typed where it was asked for", async () => {
    const flow = await asked()
    const bad = await flow.browser.post(`${flow.path}/code`, { otp: wrong(flow.otp) })
    assert.equal(bad.status, 400)
    assert.match(bad.text, /This code is not right/)
    await arrives(flow, `${flow.path}/code`, { otp: `${flow.otp.slice(0, 4)} ${flow.otp.slice(4)}` })
  })

  it("does nothing in another browser, nor for another sign-in of the same one", async () => {
    const flow = await asked()
    const stranger = await asked()
    const elsewhere = await openBrowser(auth).get(`/sign-in-link?client_id=web&token=${flow.token}`)
    assert.match(elsewhere.text, /in the browser where you asked/)
    assert.doesNotMatch(elsewhere.text, /<form/)
    const inTheirs = await stranger.browser.post(`${stranger.path}/open`, { token: flow.token })
    assert.equal(inTheirs.status, 400)
    assert.equal((await stranger.browser.post(`${flow.path}/open`, { token: flow.token })).status, 400)
    const otherSite = await flow.browser.post(
      `${flow.path}/open`,
      { token: flow.token },
      { Origin: "https://evil.example" },
    )
    assert.equal(otherSite.status, 403)

    const answers = await race(16, () => flow.browser.post(`${flow.path}/open`, { token: flow.token }))
    assert.equal(answers.filter(({ status }) => status === 303).length, 1)
  })
})
