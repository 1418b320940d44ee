import assert from "node:assert/strict"
import { newEmail, PASSWORD, register } from "../support/people.js"
import { authorization, openBrowser } from "../support/relying-party.js"
import type { Bundle } from "../support/setup.js"
import { CLIENTS, setupProvider } from "./support/apps.js"
import { open, silently } from "./support/flows.js"

const FORMS = ["login", "register", "consent", "abort"]

// check 91
describe("the pages of a sign-in", () => {
  let auth: Bundle

  before(async () => {
    auth = await setupProvider()
  })
  after(() => auth.stop())

  async function newInteraction() {
    const browser = openBrowser(auth)
    const page = await open(browser, authorization({ ...CLIENTS.web, scope: "openid" }))
    const email = newEmail()
    await register(auth, email)
    return { browser, page, email, form: { email, password: PASSWORD } }
  }

  it("belong to the browser with the cookie: everywhere else they are 400, and change nothing", async () => {
    const { page, browser, form, email } = await newInteraction()
    const other = await newInteraction()
    const strangers = [openBrowser(auth), other.browser]
    for (const stranger of strangers) {
      assert.equal((await stranger.get(page.path)).status, 400)
      assert.equal((await stranger.get(`${page.path}/register`)).status, 400)
      for (const name of FORMS) assert.equal((await stranger.post(`${page.path}/${name}`, form)).status, 400)
    }
    assert.ok((await browser.follow(await browser.post(`${page.path}/login`, form))).location)
    const [row] = await auth.db.query<{ count: number }>(
      "select count(*)::int from auth.sessions s join auth.accounts a on a.id = s.account_id where a.email = ?",
      [email],
    )
    assert.equal(row?.count, 2, "the registration's and this one")
  })

  it("are no other interaction's, also with that one's cookie", async () => {
    const [mine, other] = [await newInteraction(), await newInteraction()]
    const cookies = Object.entries(other.browser.cookies()).map(([name, value]) => `${name}=${value}`)
    const headers = { Cookie: cookies.join("; ") }
    assert.equal((await fetch(new URL(other.page.path, auth.url), { headers })).status, 200)
    assert.equal((await fetch(new URL(mine.page.path, auth.url), { headers })).status, 400)
  })

  it("take forms from this origin alone", async () => {
    const { page, browser, form } = await newInteraction()
    const foreign: Record<string, string>[] = [
      { Origin: "https://evil.test" },
      { Origin: "http://localhost:8001" },
      { Origin: "https://localhost:8000" },
      { Origin: "http://localhost:8000.evil.test" },
      { Origin: "null", "Sec-Fetch-Site": "cross-site" },
      { Origin: "null", "Sec-Fetch-Site": "same-site" },
      { "Sec-Fetch-Site": "cross-site" },
    ]
    for (const headers of foreign) {
      for (const name of FORMS) {
        const { status } = await browser.post(`${page.path}/${name}`, form, headers)
        assert.equal(status, 403, JSON.stringify(headers))
      }
    }
    // A browser under our no-referrer policy says this of our own pages.
    const own = { Origin: "null", "Sec-Fetch-Site": "same-origin" }
    assert.equal((await browser.post(`${page.path}/login`, form, own)).status, 303)
  })

  // check 3
  it("can't be framed, load nothing from elsewhere, and are kept by nobody", async () => {
    const { page } = await newInteraction()
    const policy = page.headers.get("content-security-policy") ?? ""
    assert.match(policy, /default-src 'none'.*frame-ancestors 'none'.*base-uri 'none'/)
    assert.match(policy, /form-action 'self' http:\/\/localhost:5173(;|$)/)
    assert.doesNotMatch(policy, /unsafe|script-src/)
    assert.match(page.headers.get("x-frame-options") ?? "", /deny|sameorigin/i)
    assert.equal(page.headers.get("cache-control"), "no-store")
    assert.equal(page.headers.get("referrer-policy"), "no-referrer")
    assert.doesNotMatch(page.text, /<script|(src|href|action)="(?!\/[^/])/)
  })

  it("are over after fifteen minutes, and once they were used", async () => {
    const { page, browser, form } = await newInteraction()
    const late = await newInteraction()
    await browser.follow(await browser.post(`${page.path}/login`, form))
    assert.equal((await browser.get(page.path)).status, 400)
    await auth.db.elapse(901)
    assert.equal((await late.browser.get(late.page.path)).status, 400)
    const posted = await late.browser.post(`${late.page.path}/login`, late.form)
    assert.equal(posted.status, 400)
    assert.match(posted.text, /open too long/)
  })

  it("make an account, say what is wrong with it, and sign in", async () => {
    const { page, browser } = await newInteraction()
    const taken = newEmail()
    await register(auth, taken)
    const send = (form: Record<string, string>) => browser.post(`${page.path}/register`, form)
    for (const [form, status] of [
      [{ email: "nobody", password: PASSWORD }, 400],
      [{ email: newEmail(), password: "short" }, 400],
      [{ email: newEmail(), password: PASSWORD, name: "http://evil.test" }, 400],
      [{ email: taken, password: PASSWORD }, 409],
    ] as const) {
      const answer = await send(form)
      assert.equal(answer.status, status)
      assert.match(answer.text, /role="alert"/)
      assert.match(answer.text, new RegExp(`value="${form.email}"`))
      assert.doesNotMatch(answer.text, new RegExp(form.password))
    }
    const email = newEmail()
    const back = await browser.follow(await send({ email, password: PASSWORD, name: "Kim" }))
    assert.ok(back.location?.startsWith(CLIENTS.web.redirectUri), back.text)
    assert.ok((await silently(browser, CLIENTS.web)).code)
    const [mail] = (await auth.mails()).filter(({ recipient }) => recipient === email)
    assert.equal(mail?.kind, "verify-email")
  })

  // check 24
  it("say the same of a wrong password, an unknown address and one that is none", async () => {
    const { page, browser, email } = await newInteraction()
    const texts = []
    for (const wrong of [email, newEmail(), "nobody", `${"x".repeat(300)}@example.com`]) {
      const { status, text } = await browser.post(`${page.path}/login`, { email: wrong, password: "wrong" })
      assert.equal(status, 401)
      texts.push(text.replaceAll(wrong, "").replaceAll(/nonce="[^"]+"/g, ""))
    }
    assert.equal(new Set(texts).size, 1)
  })

  it("survive what nobody can type", async () => {
    const { page, browser, email } = await newInteraction()
    const odd = ["\0", "a\0b", "x".repeat(2_000), "\u202e", "' or 1=1--", "<script>"]
    for (const value of odd) {
      for (const [name, form] of [
        ["login", { email: value, password: PASSWORD }],
        ["login", { email, password: value }],
        ["register", { email: value, password: PASSWORD }],
        ["register", { email: newEmail(), password: `\0${value}` }],
        ["register", { email, password: PASSWORD, name: value }],
      ] as const) {
        const { status, text } = await browser.post(`${page.path}/${name}`, form)
        assert.ok(status >= 400 && status < 500, `${name} ${JSON.stringify(form).slice(0, 40)} ${status}`)
        assert.doesNotMatch(text, /<script>/)
      }
    }
    for (const language of ["constructor", "__proto__", "toString", "de\0", "x".repeat(500)]) {
      const request = authorization({ ...CLIENTS.web, scope: "openid", ui_locales: language })
      const { status, location } = await open(openBrowser(auth), request)
      assert.ok(
        status === 200 || location?.includes("error=invalid_request"),
        `${language.slice(0, 20)} ${status}`,
      )
    }
  })
})
