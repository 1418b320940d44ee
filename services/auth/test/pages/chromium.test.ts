import assert from "node:assert/strict"
import { type RealBrowser, realBrowser, type WatchedPage } from "@gatepost/testkit"
import axe from "axe-core"
import { CLIENTS, SIGNED_OUT, setupProvider } from "../oidc/support/apps.js"
import { startApp } from "../support/client-app.js"
import { newEmail, PASSWORD, register } from "../support/people.js"
import { authorization, exchangeCode } from "../support/relying-party.js"
import { type Bundle, PUBLIC_URL } from "../support/setup.js"
import { go, newDevice, PARTNER, signIn, start, walk, walkAccount } from "./walk.js"

const PHONE = { width: 320, height: 640 }
const DESKTOP = { width: 1_200, height: 800 }
const WALKS = [
  { of: "the pages", walk, pages: 29 },
  { of: "the pages of an account", walk: walkAccount, pages: 25 },
]

// One file drives one browser for all.
describe("the pages in Chromium", function () {
  this.timeout(60_000)
  let auth: Bundle
  let app: Awaited<ReturnType<typeof startApp>>
  let browser: RealBrowser
  let open: WatchedPage[] = []

  before(async function () {
    auth = await setupProvider()
    app = await startApp()
    browser = await realBrowser(this, { "localhost:8000": auth.url, "localhost:5173": app.url })
  })
  after(async () => {
    await browser?.close()
    await app?.stop()
    await auth?.stop()
  })
  afterEach(async () => {
    for (const { close } of open) await close()
    open = []
  })

  async function newPage(options?: Parameters<RealBrowser["open"]>[0]): Promise<WatchedPage> {
    const watched = await browser.open(options)
    open.push(watched)
    return watched
  }

  async function somebody(): Promise<string> {
    const email = newEmail()
    await register(auth, email)
    return email
  }

  const titleOf = ({ page }: WatchedPage) => page.textContent("h1")
  const arrived = ({ page }: WatchedPage) => page.waitForURL(/^http:\/\/localhost:5173\/.*[?&]code=/)

  for (const [name, options] of Object.entries({
    "light, on a desktop, in English": { viewport: DESKTOP, colorScheme: "light", locale: "en-GB" },
    "dark, on a phone, in German": { viewport: PHONE, colorScheme: "dark", locale: "de-AT" },
  } as const)) {
    for (const { of, walk, pages } of WALKS)
      it(`${of} are accessible, fit and keep to their policy: ${name}`, async () => {
        const watched = await newPage(options)
        const { page } = watched
        const seen = new Set<string>()
        await walk(auth, watched, async (stop) => {
          seen.add(stop)
          await page.evaluate(axe.source)
          const { violations } = (await page.evaluate("axe.run()")) as axe.AxeResults
          const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)
          assert.deepEqual(found, [], stop)
          assert.equal(await page.getAttribute("html", "lang"), options.locale.slice(0, 2), stop)
          // WCAG 2.2, 1.4.10: nothing to scroll sideways at 320 pixels.
          assert.equal(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true, stop)
          const ground = await page.evaluate(
            "getComputedStyle(document.querySelector('main')).backgroundColor",
          )
          const isDark = /rgb\((\d+)/.exec(String(ground))?.[1]
          assert.equal(Number(isDark) < 128, options.colorScheme === "dark", `${stop} ${ground}`)
        })
        assert.equal(seen.size, pages)
        assert.deepEqual(watched.complaints, [])
      })
  }

  it("the documentation loads nothing that its policy forbids, and has an icon", async () => {
    const watched = await newPage()
    const { page } = watched
    await page.goto(`${PUBLIC_URL}/redoc`)
    // Beside it stood a logo of somebody else's server.
    await page.getByText("docs by Redocly").first().waitFor({ state: "attached" })
    await page.goto(`${PUBLIC_URL}/problems`)
    assert.doesNotMatch((await page.textContent("body")) ?? "", /`/)
    assert.deepEqual(watched.complaints, [])
    const icon = await auth.http.get("/favicon.ico").expect(200)
    assert.match(String(icon.headers["content-type"]), /^image\/svg\+xml/)
  })

  it("a code flow: a wrong password, the right one, and back at the app", async () => {
    const email = await somebody()
    const watched = await newPage()
    const { page, complaints } = watched
    await page.goto(start(CLIENTS.web, { state: "s1" }))
    await signIn(watched, email, "not the password")
    assert.equal(await page.textContent('[role="alert"]'), "Invalid email or password.")
    assert.equal(await page.inputValue("#email"), email)
    await page.fill("#password", PASSWORD)
    await go(watched)
    await arrived(watched)
    assert.equal(new URL(page.url()).searchParams.get("state"), "s1")
    assert.deepEqual(complaints, [])
  })

  it("the back button: to a form that works while the sign-in lasts, to a word about it after", async () => {
    const email = await somebody()
    const watched = await newPage()
    const { page } = watched
    await page.goto(start(CLIENTS.web))
    await go(watched, 'nav a[href$="/register"]')
    await page.goBack()
    await signIn(watched, email, "not the password")
    await page.goBack()
    await signIn(watched, email)
    await arrived(watched)

    await page.goto(start(CLIENTS.web, { prompt: "login" }))
    await signIn(watched, email)
    await arrived(watched)
    await page.goBack()
    assert.equal(await titleOf(watched), "This did not work")
  })

  it("a page that was open too long says so, and the app can start again", async () => {
    const email = await somebody()
    const watched = await newPage()
    await watched.page.goto(start(CLIENTS.web))
    await auth.db.elapse(901)
    await signIn(watched, email)
    assert.equal(await titleOf(watched), "This did not work")
    await watched.page.goto(start(CLIENTS.web))
    await signIn(watched, email)
    await arrived(watched)
  })

  it("two tabs of one browser both arrive, each at its own request", async () => {
    const email = await somebody()
    const first = await newPage()
    const tab = await first.page.context().newPage()
    const second = { ...first, page: tab }
    await first.page.goto(start(CLIENTS.web, { state: "first" }))
    await tab.goto(start(CLIENTS.basic, { ...CLIENTS.web, clientId: "web", state: "second" }))
    for (const [watched, state] of [
      [second, "second"],
      [first, "first"],
    ] as const) {
      await signIn(watched, email)
      await arrived(watched)
      assert.equal(new URL(watched.page.url()).searchParams.get("state"), state)
    }
  })

  it("without JavaScript: sign-in, consent, device and sign-out", async () => {
    const email = await somebody()
    const watched = await newPage({ javaScriptEnabled: false })
    const { page } = watched
    await page.goto(start(PARTNER, { scope: "openid email" }))
    await signIn(watched, email)
    assert.match((await titleOf(watched)) ?? "", /^Continue to Partner & Söhne/)
    await go(watched)
    await arrived(watched)
    await page.goto(`${PUBLIC_URL}/oidc/device`)
    await page.fill("#user_code", await newDevice(auth))
    await go(watched)
    await go(watched)
    assert.equal(await titleOf(watched), "The device is signed in")
    await page.goto(`${PUBLIC_URL}/oidc/session/end`)
    await go(watched)
    assert.equal(await titleOf(watched), "You are signed out")
  })

  it("with JavaScript, an app that knows its person signs out without a question", async () => {
    const watched = await newPage()
    const { page, complaints } = watched
    const request = authorization({ ...CLIENTS.web, scope: "openid" })
    await page.goto(PUBLIC_URL + request.path)
    await signIn(watched, await somebody())
    await arrived(watched)
    const { body } = await exchangeCode(auth, request, page.url()).expect(200)
    const query = { id_token_hint: body.id_token, post_logout_redirect_uri: SIGNED_OUT }
    await page.goto(`${PUBLIC_URL}/oidc/session/end?${new URLSearchParams(query)}`)
    await page.waitForURL(SIGNED_OUT)
    await page.goto(start(CLIENTS.web, { prompt: "none" }))
    assert.match(page.url(), /error=login_required/)
    assert.deepEqual(complaints, [])
  })

  it("by the keyboard alone: sign-in, consent, device, sign-out", async () => {
    const email = await somebody()
    const watched = await newPage()
    const { page } = watched
    const type = (text: string) => page.keyboard.type(text)
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key)
    }
    await page.goto(start(PARTNER, { scope: "openid email" }))
    await page.waitForSelector("#email:focus")
    await type(email)
    await press("Tab")
    await type(PASSWORD)
    await press("Enter")
    await page.waitForSelector("ul")
    await press("Tab")
    const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert.equal(outline, "solid", "what has the focus is seen")
    await press("Enter")
    await arrived(watched)

    await page.goto(`${PUBLIC_URL}/oidc/device`)
    const code = (await newDevice(auth)).toLowerCase()
    await page.waitForSelector("#user_code:focus")
    await type(code)
    await press("Enter")
    await page.waitForSelector(".code")
    await press("Tab", "Enter")
    await page.waitForSelector(".mark")
    await page.goto(`${PUBLIC_URL}/oidc/session/end`)
    await press("Tab", "Tab", "Enter")
    await page.waitForURL(/success/)
    assert.equal(await titleOf(watched), "You are still signed in")
  })

  it("in the language that the app asks for, else the browser's, else English", async () => {
    const titles: [string, Record<string, string>, string][] = [
      ["en-US", { ui_locales: "de" }, "Bei WEB anmelden"],
      ["de-CH", {}, "Bei WEB anmelden"],
      ["de-CH", { ui_locales: "en-GB" }, "Sign in to WEB"],
      ["fr-FR", { ui_locales: "pt" }, "Sign in to WEB"],
    ]
    for (const [locale, params, title] of titles) {
      const watched = await newPage({ locale })
      await watched.page.goto(start(CLIENTS.web, params))
      assert.equal(await titleOf(watched), title)
    }
  })
})
