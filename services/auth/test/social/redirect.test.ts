import assert from "node:assert/strict"
import { race } from "@gatepost/testkit"
import { CLIENTS } from "../oidc/support/apps.js"
import { me, newEmail } from "../support/people.js"
import { claimsOf, exchangeCode } from "../support/relying-party.js"
import { atSignIn, pathOf, type SocialBundle, setupSocial, toProvider } from "./support/setup.js"

// checks 97, 99 and 101
describe("social sign-in in a browser", () => {
  let auth: SocialBundle

  before(async () => {
    auth = await setupSocial()
  })
  after(() => auth.stop())

  /** From the app to a provider and back to the app. */
  async function signInWith(provider: "google" | "apple" | "okta" | "github") {
    const { browser, request, page } = await atSignIn(auth)
    const back = await toProvider(browser, page, provider)
    const end = await browser.follow(await browser.get(pathOf(back)))
    return { browser, request, back, end }
  }

  for (const provider of ["google", "okta"] as const) {
    it(`makes an account for somebody new, and knows them again by ${provider}'s name for them alone`, async () => {
      const email = newEmail()
      auth[provider].person = { sub: `${provider}-1`, email, email_verified: true, name: "Kim Lee" }
      const first = await signInWith(provider)
      const { location = "" } = first.end
      assert.ok(location.startsWith(CLIENTS.web.redirectUri), first.end.text)
      const tokens = (await exchangeCode(auth, first.request, location)).body
      const account = (await me(auth, tokens.access_token)).body
      assert.deepEqual([account.email, account.email_verified, account.name], [email, true, "Kim Lee"])
      assert.deepEqual(claimsOf(tokens.access_token).amr, ["fed"])

      auth[provider].person = { sub: `${provider}-1`, email: newEmail(), email_verified: false }
      const second = await signInWith(provider)
      const again = (await exchangeCode(auth, second.request, second.end.location ?? "")).body
      assert.equal(claimsOf(again.access_token).sub, account.id)
      assert.equal((await me(auth, again.access_token)).body.email, email)
    })
  }

  it("takes the number of a GitHub account for its identity, and its primary address if GitHub verified it", async () => {
    const email = newEmail()
    const emails = [
      { email: newEmail(), primary: false, verified: true },
      { email, primary: true, verified: true },
    ]
    auth.github.user = { id: 4711, login: "kim", name: "Kim", emails }
    const first = await signInWith("github")
    const tokens = (await exchangeCode(auth, first.request, first.end.location ?? "")).body
    assert.equal((await me(auth, tokens.access_token)).body.email, email)

    // Somebody else takes the login that was given up.
    auth.github.user = {
      id: 4712,
      login: "kim",
      name: null,
      emails: [{ email, primary: true, verified: true }],
    }
    const other = await signInWith("github")
    assert.equal(other.end.status, 409)
    auth.github.user = { id: 4711, login: "renamed", name: null, emails: [] }
    const again = await signInWith("github")
    const { access_token } = (await exchangeCode(auth, again.request, again.end.location ?? "")).body
    assert.equal(claimsOf(access_token).sub, claimsOf(tokens.access_token).sub)

    auth.github.user = {
      id: 4713,
      login: "x",
      name: null,
      emails: [{ email: newEmail(), primary: true, verified: false }],
    }
    assert.equal((await signInWith("github")).end.status, 403)
  })

  it("takes Apple's form, its name that comes once, and a private address; its refresh token is kept sealed", async () => {
    const email = "x7k2m@privaterelay.appleid.com"
    auth.apple.person = { sub: "001.apple", email, email_verified: "true", is_private_email: "true" }
    const { browser, request, page } = await atSignIn(auth)
    const back = new URL(await toProvider(browser, page, "apple"))
    const user = JSON.stringify({ name: { firstName: "Kim", lastName: "Lee" }, email: "other@example.com" })
    const form = { ...Object.fromEntries(back.searchParams), user }
    const end = await browser.follow(await browser.post(back.pathname, form, { Origin: auth.apple.issuer }))
    const tokens = (await exchangeCode(auth, request, end.location ?? "")).body
    const account = (await me(auth, tokens.access_token)).body
    assert.deepEqual([account.email, account.email_verified, account.name], [email, true, "Kim Lee"])

    const [identity] = await auth.db.query<{ upstream_client_id: string; refresh_token_sealed: Buffer }>(
      "select upstream_client_id, refresh_token_sealed from auth.identities where subject = '001.apple'",
    )
    assert.equal(identity?.upstream_client_id, "gatepost.web")
    assert.ok((identity?.refresh_token_sealed.length ?? 0) > 40)
  })

  it("sends PKCE, a state and a nonce with each attempt, none of which is stored", async () => {
    const { browser, page } = await atSignIn(auth)
    const link = /href="(\/interaction\/[^"]+\/social\/google)"/.exec(page.text)?.[1] ?? ""
    const [one, two] = [await browser.get(link), await browser.get(link)].map(
      ({ location = "" }) => new URL(location).searchParams,
    )
    for (const name of ["state", "nonce", "code_challenge"]) {
      assert.match(one?.get(name) ?? "", /^[\w-]{43}$/)
      assert.notEqual(one?.get(name), two?.get(name))
      const like = `%${one?.get(name)}%`
      assert.deepEqual(
        await auth.db.query("select from auth.social_attempts a where a::text like ?", [like]),
        [],
      )
    }
    assert.equal(one?.get("code_challenge_method"), "S256")
  })

  // check 99
  it("takes an answer once, in the browser that began, of 16 at the same time", async () => {
    auth.google.person = { sub: "google-race", email: newEmail(), email_verified: true }
    const { browser, page } = await atSignIn(auth)
    const back = pathOf(await toProvider(browser, page, "google"))
    const end = (await browser.get(back)).location ?? ""
    const answers = await race(16, () => browser.get(end))
    const led = answers.map(({ location = "" }) => location.includes("/oidc/auth/"))
    assert.equal(led.filter(Boolean).length, 1)
    const replay = await browser.get(back)
    assert.equal(replay.status, 400)
  })

  it("refuses an answer in another browser, at another provider, with another state, or after ten minutes", async () => {
    auth.google.person = { sub: "google-2", email: newEmail(), email_verified: true }
    const mine = await atSignIn(auth)
    const theirs = await atSignIn(auth)
    await toProvider(theirs.browser, theirs.page, "okta")
    const back = pathOf(await toProvider(mine.browser, mine.page, "google"))
    const inOther = await theirs.browser.follow(await theirs.browser.get(back))
    assert.equal(inOther.status, 400)
    const mixed = await mine.browser.follow(await mine.browser.get(back.replace("/google/", "/okta/")))
    assert.equal(mixed.status, 400)
    const forged = await mine.browser.get(back.replace(/state=[^&]+/, `state=${"x".repeat(43)}`))
    assert.equal(forged.status, 400)

    await auth.db.elapse(601)
    assert.equal((await mine.browser.get(back)).status, 400)
  })

  // RFC 9207: an answer of somebody else's server.
  it("refuses an answer that names another issuer", async () => {
    auth.google.person = { sub: "google-3", email: newEmail(), email_verified: true }
    const { browser, page } = await atSignIn(auth)
    const back = new URL(await toProvider(browser, page, "google"))
    assert.equal(back.searchParams.get("iss"), auth.google.issuer)
    back.searchParams.set("iss", auth.okta.issuer)
    const end = await browser.follow(await browser.get(back.pathname + back.search))
    assert.equal(end.status, 400)
    assert.match(end.text, /This sign-in did not work/)
  })

  it("says so on the sign-in page when the provider is away, and goes on when somebody thinks better of it", async () => {
    const { browser, page } = await atSignIn(auth, { ui_locales: "de" })
    const link = /href="(\/interaction\/[^"]+\/social\/google)"/.exec(page.text)?.[1] ?? ""
    assert.match(page.text, /Weiter mit Google/)
    auth.google.person = { sub: "google-4", email: newEmail(), email_verified: true }
    const back = pathOf(await toProvider(browser, page, "google"))
    auth.google.isAway = true
    const away = await browser.follow(await browser.get(back))
    auth.google.isAway = false
    assert.equal(away.status, 503)
    assert.match(away.text, /Dort antwortet gerade niemand/)

    const { location = "" } = await browser.get(link)
    const state = new URL(location).searchParams.get("state")
    const declined = await browser.follow(
      await browser.get(`/social/google/callback?error=access_denied&state=${state}`),
    )
    assert.equal(declined.status, 200)
    assert.match(declined.text, /Weiter mit Google/)
  })

  // check 91
  it("begins from our own pages alone", async () => {
    const { browser, page } = await atSignIn(auth)
    const link = /href="(\/interaction\/[^"]+\/social\/google)"/.exec(page.text)?.[1] ?? ""
    const answer = await fetch(new URL(link, auth.url), {
      headers: {
        Cookie: Object.entries(browser.cookies())
          .map(([name, value]) => `${name}=${value}`)
          .join("; "),
        "Sec-Fetch-Site": "cross-site",
      },
      redirect: "manual",
    })
    assert.equal(answer.status, 403)
  })
})
