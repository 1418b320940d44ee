import assert from "node:assert/strict"
import { newEmail, register } from "../support/people.js"
import { authorization, openBrowser } from "../support/relying-party.js"
import type { Bundle } from "../support/setup.js"
import { CLIENTS, setupProvider } from "./support/apps.js"
import { codeFlow, open, silently } from "./support/flows.js"

const cookiesOf = (headers: Headers) =>
  headers.getSetCookie().map((line) => {
    const [pair = "", ...attributes] = line.split("; ")
    return { name: pair.split("=")[0] ?? "", value: pair.split("=")[1] ?? "", attributes }
  })

// check 92
describe("the provider's cookies", () => {
  let auth: Bundle
  let secure: Bundle

  before(async () => {
    auth = await setupProvider()
    secure = await setupProvider({ PUBLIC_URL: "https://id.example.com" })
  })
  after(async () => {
    await auth.stop()
    await secure.stop()
  })

  it("are HttpOnly, SameSite=Lax, signed and small; at http without Secure and prefix", async () => {
    const browser = openBrowser(auth)
    const { headers } = await browser.get(authorization({ ...CLIENTS.web, scope: "openid" }).path)
    const cookies = cookiesOf(headers)
    assert.ok(cookies.length >= 4)
    for (const { name, attributes, value } of cookies) {
      assert.ok(attributes.includes("httponly"), name)
      assert.ok(attributes.includes("samesite=lax"), name)
      assert.ok(!attributes.includes("secure"), name)
      assert.ok(!attributes.some((attribute) => attribute.startsWith("domain")), name)
      assert.ok(name.length + value.length < 4_096)
      if (!name.endsWith(".sig"))
        assert.ok(
          cookies.some((other) => other.name === `${name}.sig`),
          name,
        )
    }
  })

  it("under https are Secure, and have the prefixes that browsers hold them to", async () => {
    const { path } = authorization({ ...CLIENTS.web, scope: "openid" })
    const url = new URL(path, secure.url)
    const { headers } = await fetch(url, { redirect: "manual" })
    const cookies = cookiesOf(headers)
    assert.ok(cookies.length >= 4)
    for (const { name, attributes } of cookies) {
      assert.ok(attributes.includes("secure"), name)
      assert.match(name, /^__(Host|Secure)-/)
      if (name.startsWith("__Host-")) assert.ok(attributes.includes("path=/"), name)
    }
  })

  it("under https name the browser's session with the strictest of them", async () => {
    const { path } = authorization({ ...CLIENTS.web, scope: "openid", prompt: "none" })
    const { headers } = await fetch(new URL("/oidc/session/end", secure.url), { redirect: "manual" })
    const session = cookiesOf(headers).find(({ name }) => name.startsWith("__Host-"))
    assert.ok(session?.attributes.includes("path=/"), path)
  })

  it("that are not signed, or signed by somebody else, are no session", async () => {
    const { browser } = await codeFlow(auth)
    const { _session: session, "_session.sig": signature } = browser.cookies()
    const ask = async (cookie: string) => {
      const { path } = authorization({ ...CLIENTS.web, scope: "openid", prompt: "none" })
      const { headers } = await fetch(new URL(path, auth.url), {
        headers: { Cookie: cookie },
        redirect: "manual",
      })
      return new URL(headers.get("location") ?? "").searchParams.get("error")
    }
    assert.equal(await ask(`_session=${session}; _session.sig=${signature}`), null)
    for (const sig of ["", "; _session.sig=", `; _session.sig=${"A".repeat(27)}`]) {
      assert.equal(await ask(`_session=${session}${sig}`), "login_required", sig)
    }
  })

  // check 65
  it("change with the sign-in: what somebody planted before is worth nothing after", async () => {
    const email = newEmail()
    await register(auth, email)
    const browser = openBrowser(auth)
    await browser.get("/oidc/session/end")
    const planted = browser.cookies()._session
    assert.ok(planted)
    const page = await open(browser, authorization({ ...CLIENTS.web, scope: "openid" }))
    await browser.follow(await browser.post(`${page.path}/login`, { email, password: "a few plain words" }))
    assert.notEqual(browser.cookies()._session, planted)
    assert.ok((await silently(browser, CLIENTS.web)).code)
    const [row] = await auth.db.query<{ count: number }>(
      "select count(*)::int as count from auth.oidc_artifacts where model = 'Session' and id = ?",
      [planted],
    )
    assert.equal(row?.count, 0)
  })
})
