import assert from "node:assert/strict"
import { CLIENTS, setupProvider } from "../oidc/support/apps.js"
import { open } from "../oidc/support/flows.js"
import { logIn, newEmail, PASSWORD, refresh } from "../support/people.js"
import { authorization, openBrowser } from "../support/relying-party.js"
import type { Bundle } from "../support/setup.js"

describe("the language of a mail", () => {
  let auth: Bundle

  before(async () => {
    auth = await setupProvider()
  })
  after(() => auth.stop())

  /** @returns what each of an address's mails is written in, the oldest first; null: nobody said */
  async function localesOf(email: string): Promise<(string | null)[]> {
    const mails = (await auth.mails()).filter(({ recipient }) => recipient === email)
    return mails.map(({ locale }) => locale)
  }

  async function registerIn(language: string) {
    const email = newEmail()
    const { body } = await auth.http
      .post("/v1/auth/register")
      .set("Accept-Language", language)
      .send({ email, password: PASSWORD })
      .expect(201)
    return { email, tokens: body }
  }

  const forgot = (email: string, language = "") =>
    auth.http.post("/v1/auth/forgot-password").set("Accept-Language", language).send({ email }).expect(200)

  it("is the first that its reader’s device names and we speak", async () => {
    for (const [header, locale] of [
      ["de-AT,de;q=0.9,en;q=0.8", "de"],
      ["fr-FR, fr;q=0.9, de;q=0.7, en;q=0.5", "de"],
      ["EN-us", "en"],
      ["fr", null],
      ["*", null],
      ["", null],
      [`${"x,".repeat(2_000)}de`, "de"],
    ] as const) {
      const { email } = await registerIn(header)
      assert.deepEqual(await localesOf(email), [locale], header.slice(0, 50))
    }
  })

  it("stays that of the account, whoever asks for the next", async () => {
    const { email } = await registerIn("de")
    await forgot(email, "en")
    assert.deepEqual(await localesOf(email), ["de", "de"])
  })

  it("is that of the request where the account has none", async () => {
    const { email } = await registerIn("")
    await forgot(email, "de")
    assert.deepEqual(await localesOf(email), [null, "de"])
  })

  it("of a warning is never that of whoever may be the thief", async () => {
    for (const [language, locale] of [
      ["de", "de"],
      ["", null],
    ] as const) {
      const { email, tokens } = await registerIn(language)
      const second = (await refresh(auth, tokens.refresh_token)).body
      await refresh(auth, second.refresh_token).expect(200)
      await refresh(auth, tokens.refresh_token).set("Accept-Language", "en").expect(401)
      assert.deepEqual(await localesOf(email), [locale, locale])
      await logIn(auth, email).expect(200)
    }
  })

  it("is that of the page on which somebody registered, which the app may have chosen", async () => {
    const browser = openBrowser(auth)
    const request = authorization({ ...CLIENTS.web, scope: "openid", ui_locales: "fr de" })
    const page = await open(browser, request)
    assert.match(page.text, /lang="de"/)
    const email = newEmail()
    const answer = await browser.post(`${page.path}/register`, { email, password: PASSWORD })
    assert.equal(answer.status, 303, answer.text)
    assert.deepEqual(await localesOf(email), ["de"])
  })
})
