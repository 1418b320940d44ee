import assert from "node:assert/strict"
import { CLIENTS } from "../oidc/support/apps.js"
import { codesFromMails, tokensFromMails } from "../support/mails.js"
import { claimsOf, exchangeCode } from "../support/relying-party.js"
import { answer, codeOf, type SecuredPerson, secured, unuse } from "../support/second-factors.js"
import {
  atSignIn,
  byIdToken,
  newNonce,
  pathOf,
  type SocialBundle,
  setupSocial,
  toProvider,
} from "./support/setup.js"

// check 101
describe("a second factor", () => {
  let auth: SocialBundle
  let person: SecuredPerson

  before(async () => {
    auth = await setupSocial()
    person = await secured(auth)
    const nonce = newNonce()
    const id_token = await auth.google.idToken({ sub: "mfa-1", nonce })
    await auth.http
      .post("/v1/users/me/identities/google/link")
      .set("Authorization", `Bearer ${person.access_token}`)
      .send({ id_token, nonce })
      .expect(201)
  })
  after(() => auth.stop())

  const code = async () => {
    await unuse(auth, person.user.id)
    return codeOf(person.secret)
  }
  const methods = (accessToken: string) => (claimsOf(accessToken).amr as string[]).toSorted()

  it("is asked for after an ID token of a provider, and after a mail, in an app", async () => {
    const fed = await byIdToken(auth, auth.google, { sub: "mfa-1" })
    assert.deepEqual([fed.status, fed.body.code, fed.body.access_token], [403, "mfa.required", undefined])
    const first = await answer(auth, fed.body.mfa.challenge, { code: await code() }).expect(200)
    assert.deepEqual(methods(first.body.access_token), ["fed", "mfa", "otp"])

    const { request_token } = (await auth.http.post("/v1/auth/sign-in-link").send({ email: person.email }))
      .body
    const [token = ""] = await tokensFromMails(auth, "sign-in-link", person.email)
    const byMail = await auth.http.post("/v1/auth/sign-in-link/confirm").send({ request_token, token })
    assert.deepEqual([byMail.status, byMail.body.code], [403, "mfa.required"])
    const second = await answer(auth, byMail.body.mfa.challenge, { code: await code() }).expect(200)
    assert.equal(second.body.user.id, person.user.id)
  })

  it("is asked for after a provider, and after a mail, on the pages", async () => {
    auth.google.person = { sub: "mfa-1" }
    for (const way of ["google", "mail"]) {
      const { browser, request, page } = await atSignIn(auth)
      let asked = page
      if (way === "google") {
        const back = await toProvider(browser, page, "google")
        asked = await browser.follow(await browser.get(pathOf(back)))
      } else {
        const path = /href="(\/interaction\/[^"]+\/sign-in-link)"/.exec(page.text)?.[1] ?? ""
        await browser.post(path, { email: person.email })
        const otp = (await codesFromMails(auth, "sign-in-link", person.email)).at(-1) ?? ""
        asked = await browser.post(`${path}/code`, { otp })
      }
      assert.match(asked.text, /One more proof/)
      const action = /action="([^"]+\/second-factor)"/.exec(asked.text)?.[1] ?? ""
      const challenge = /name="challenge" value="([^"]+)"/.exec(asked.text)?.[1] ?? ""
      const end = await browser.follow(await browser.post(action, { challenge, code: await code() }))
      assert.ok(end.location?.startsWith(CLIENTS.web.redirectUri), end.text)
      const tokens = (await exchangeCode(auth, request, end.location ?? "")).body
      assert.equal(claimsOf(tokens.access_token).acr, "aal2")
    }
  })
})
