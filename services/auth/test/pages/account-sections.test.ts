import assert from "node:assert/strict"
import { pathOf, type SocialBundle, setupSocial, signedIn, throughProvider } from "../social/support/setup.js"
import { codesFromMails, tokensFromMails, wrong } from "../support/mails.js"
import { logIn, me, newEmail, PASSWORD, register } from "../support/people.js"
import { type Answer, type Browser, openBrowser } from "../support/relying-party.js"
import { eventsOf, post, secured, verified } from "../support/second-factors.js"
import { type AuthProcess, PUBLIC_URL } from "../support/setup.js"

const SECTIONS = [
  "profile",
  "email",
  "password",
  "factors",
  "providers",
  "sessions",
  "activity",
  "data",
  "delete",
]
// Each with the section it stands on.
const FORMS: Record<string, string> = {
  profile: "profile",
  email: "email",
  "email/verify": "email",
  password: "password",
  "password/link": "password",
  "sessions/others/end": "sessions",
  "sessions/01890000-0000-7000-8000-000000000000/end": "sessions",
  "providers/01890000-0000-7000-8000-000000000000/unlink": "providers",
  data: "data",
  delete: "delete",
}

describe("the sections of an account's page", () => {
  let auth: SocialBundle

  before(async () => {
    auth = await setupSocial()
  })
  after(() => auth.stop())

  async function visiting(email: string, at: AuthProcess = auth): Promise<Browser> {
    const browser = openBrowser(at)
    const { status } = await browser.post("/account/sign-in", { email, password: PASSWORD })
    assert.equal(status, 303)
    return browser
  }

  const said = ({ text }: Answer) => /role="(?:alert|status)"[^>]*>([^<]*)</.exec(text)?.[1]
  const backIn = ({ text }: Answer) => /name="back" value="([^"]*)"/.exec(text)?.[1]

  /** As if whoever is in this browser had signed in six minutes ago. */
  async function grownStale(browser: Browser, accountId: string, refreshToken: string): Promise<void> {
    await auth.db.query(
      "update auth.sessions set authenticated_at = authenticated_at - interval '6 minutes' where account_id = ?",
      [accountId],
    )
    const { body } = await post(auth, "/auth/refresh", undefined, { refresh_token: refreshToken }).expect(200)
    browser.keep(`_account=${body.access_token}; path=/`)
  }

  // check 91
  it("take no form from another site or of a stranger, who is asked to sign in and then comes back", async () => {
    const { email, user } = await verified(auth)
    const browser = await visiting(email)
    const before = await eventsOf(auth, user.id)
    const everything = {
      name: "Eve",
      new_email: newEmail(),
      password: PASSWORD,
      current_password: PASSWORD,
      new_password: "another few words",
      sure: "yes",
    }
    for (const [form, section] of Object.entries(FORMS)) {
      for (const headers of [{ Origin: "https://evil.example" }, { "Sec-Fetch-Site": "cross-site" }]) {
        assert.equal((await browser.post(`/account/${form}`, everything, headers)).status, 403, form)
      }
      const stranger = await openBrowser(auth).post(`/account/${form}`, everything)
      assert.match(stranger.text, /name="password"/, form)
      assert.equal(backIn(stranger), `/account/${section}`)
    }
    assert.deepEqual(await eventsOf(auth, user.id), before)

    const stranger = openBrowser(auth)
    for (const section of SECTIONS) {
      const page = await stranger.get(`/account/${section}`)
      assert.ok(!page.text.includes(email))
      const back = backIn(page) ?? ""
      const welcomed = await stranger.post("/account/sign-in", { email, password: PASSWORD, back })
      assert.equal(welcomed.location, `/account/${section}`)
      await stranger.post("/account/sign-out", {})
    }
    for (const back of ["https://evil.example", "//evil.example", "/account/../v1", "/account/nothing", ""]) {
      const { location } = await stranger.post("/account/sign-in", { email, password: PASSWORD, back })
      assert.equal(location, "/account", back)
    }
  })

  it("show nothing to a session without the second factor that the account has", async () => {
    const { email, user } = await verified(auth)
    const browser = await visiting(email)
    const { user: other } = await secured(auth)
    await auth.db.query("update auth.totp_factors set account_id = ? where account_id = ?", [
      user.id,
      other.id,
    ])
    for (const section of ["", ...SECTIONS.map((name) => `/${name}`)]) {
      const page = await browser.get(`/account${section}`)
      assert.equal(page.status, 403, section)
      assert.match(page.text, /Please prove once more/)
    }
    for (const form of Object.keys(FORMS)) {
      assert.match((await browser.post(`/account/${form}`, {})).text, /Please prove once more/, form)
    }
  })

  // check 67
  it("list where one is signed in, and end one's own sessions alone", async () => {
    const [mine, theirs] = [await verified(auth), await verified(auth)]
    const browser = await visiting(mine.email)
    const { text } = await browser.get("/account/sessions")
    const ids = [...text.matchAll(/sessions\/([0-9a-f-]{36})\/end/g)].map(([, id]) => id)
    assert.equal(ids.length, 1)
    assert.match(text, /This one/)
    const theirSession = String(JSON.parse(atob(theirs.access_token.split(".")[1] ?? "")).sid)
    for (const id of [theirSession, "nothing", mine.user.id]) {
      const refused = await browser.post(`/account/sessions/${id}/end`, {})
      assert.deepEqual([refused.status, said(refused)], [404, "That device is signed out already."])
    }
    await me(auth, theirs.access_token).expect(200)

    const ended = await browser.post(`/account/sessions/${ids[0]}/end`, {})
    assert.equal(ended.location, "/account/sessions?done=ended")
    await me(auth, mine.access_token).expect(401)
    const { body } = await logIn(auth, mine.email).expect(200)
    await browser.post("/account/sessions/others/end", {})
    await me(auth, body.access_token).expect(401)
    assert.match((await browser.get("/account/sessions")).text, /This one/)
  })

  it("ask for a fresh proof where the JSON API does, and go on where one was", async () => {
    const { email, user } = await verified(auth)
    const { body } = await logIn(auth, email).expect(200)
    const browser = openBrowser(auth)
    await grownStale(browser, user.id, body.refresh_token)
    assert.equal((await browser.get("/account/delete")).status, 200)
    const refused = await browser.post("/account/delete", { sure: "yes" })
    assert.match(refused.text, /Please prove once more/)
    assert.ok(refused.text.includes(`value="${email}"`))
    assert.equal(backIn(refused), "/account/delete")
    const wrong = await browser.post("/account/sign-in", {
      email,
      password: "no",
      back: backIn(refused) ?? "",
    })
    assert.equal(backIn(wrong), "/account/delete")

    const proved = await browser.post("/account/sign-in", {
      email,
      password: PASSWORD,
      back: "/account/delete",
    })
    assert.equal(proved.location, "/account/delete")
    // check 65
    await me(auth, body.access_token).expect(401)
    const unsure = await browser.post("/account/delete", {})
    assert.deepEqual([unsure.status, said(unsure)], [400, "Please say that you are sure."])
    assert.match((await browser.post("/account/delete", { sure: "yes" })).text, /Your account is deleted/)
    const rows = await auth.db.query("select from auth.accounts where id = ?", [user.id])
    assert.equal(rows.length, 0)
    assert.match((await browser.get("/account")).text, /name="password"/)
  })

  it("delete later where the operator gives time, and say how it is kept", async () => {
    const patient = await auth.another({ ACCOUNT_DELETION_DELAY: "172800" })
    const { email } = await verified(auth)
    const browser = await visiting(email, patient)
    assert.match((await browser.get("/account/delete")).text, /For 2 days a link/)
    assert.match((await browser.post("/account/delete", { sure: "yes" })).text, /will be deleted/)
    const [token = ""] = await tokensFromMails(auth, "account-deletion", email)
    assert.match((await browser.post("/keep-account", { token })).text, /Your account stays/)
    await logIn(auth, email).expect(200)
  })

  it("change the name and the password, by the checks of the JSON API and in words", async () => {
    const { email, user, access_token } = await verified(auth)
    const browser = await visiting(email)
    assert.equal((await browser.post("/account/profile", { name: "www.evil.example" })).status, 400)
    const saved = await browser.post("/account/profile", { name: "Kim <b>Lee</b>" })
    assert.match((await browser.follow(saved)).text, /Your name is saved\..*Kim &lt;b&gt;Lee/s)

    const change = (current_password: string, new_password: string) =>
      browser.post("/account/password", { current_password, new_password })
    assert.equal(said(await change("not mine at all", "another few words")), "This is not your password.")
    assert.match(said(await change(PASSWORD, "password1")) ?? "", /tried first/)
    assert.match(said(await change(PASSWORD, `${email.split("@")[0]}`)) ?? "", /made of your name/)
    assert.match(said(await change(PASSWORD, PASSWORD)) ?? "", /the one you have/)
    assert.match(said(await change(PASSWORD, "short")) ?? "", /8 to 256 characters/)
    await logIn(auth, email).expect(200)

    // check 37
    assert.equal((await change(PASSWORD, "another few words")).location, "/account/password?done=changed")
    await me(auth, access_token).expect(401)
    assert.ok((await browser.get("/account")).text.includes(email))
    await logIn(auth, email, "another few words").expect(200)
    await logIn(auth, email).expect(401)
    assert.ok((await eventsOf(auth, user.id)).includes("account.profile-changed"))
  })

  it("prove the address and change it, by the same mails as the JSON API", async () => {
    const person = await register(auth)
    const { email } = person.user
    const browser = await visiting(email)
    assert.match((await browser.get("/account/email")).text, /not confirmed this address yet/)
    await browser.post("/account/email/verify", {})
    assert.equal((await tokensFromMails(auth, "verify-email", email)).length, 2)

    const to = newEmail()
    for (const [form, words] of [
      [{ new_email: "nothing", password: PASSWORD }, "This is not an email address."],
      [{ new_email: email.toUpperCase(), password: PASSWORD }, "This is your address already."],
      [{ new_email: to, password: "not mine" }, "This is not your password."],
      [{ new_email: to }, "This is not your password."],
    ] as [Record<string, string>, string][]) {
      assert.equal(said(await browser.post("/account/email", form)), words)
    }
    assert.deepEqual(await tokensFromMails(auth, "confirm-new-email", to), [])
    await browser.post("/account/email", { new_email: to, password: PASSWORD })
    const [token = ""] = await tokensFromMails(auth, "confirm-new-email", to)
    await browser.post("/confirm-email", { token })
    assert.match((await browser.get("/account/email")).text, new RegExp(`<b>${to}</b>`))
  })

  it("give what happened to oneself alone, page by page, and all that is kept as a file", async () => {
    const { email, user } = await verified(auth)
    const browser = await visiting(email)
    for (let index = 0; index < 20; index++) await browser.post("/account/profile", { name: `Kim ${index}` })
    const first = await browser.get("/account/activity")
    assert.equal(first.text.match(/Profile changed/g)?.length, 20)
    const older = /href="(\/account\/activity\?cursor=[^"]+)"/.exec(first.text)?.[1] ?? ""
    assert.match((await browser.get(older)).text, /Account created/)
    const stranger = await visiting((await verified(auth)).email)
    assert.doesNotMatch((await stranger.get(older)).text, /Profile changed/)

    const copy = await browser.post("/account/data", {})
    assert.equal(copy.headers.get("content-disposition"), 'attachment; filename="account.json"')
    assert.equal(copy.headers.get("cache-control"), "no-store")
    assert.equal(JSON.parse(copy.text).user.id, user.id)
    assert.ok((await eventsOf(auth, user.id)).includes("account.exported"))
  })

  it("register somebody who comes without an app, and say why a password won't do", async () => {
    const browser = openBrowser(auth)
    assert.match((await browser.get("/account")).text, /href="\/account\/register"/)
    const email = newEmail()
    const refused = await browser.post("/account/register", { email, password: "password1" })
    assert.match(said(refused) ?? "", /tried first/)
    const made = await browser.post("/account/register", { email, password: PASSWORD, name: "Kim" })
    assert.equal(made.location, "/account")
    assert.ok((await browser.get("/account")).text.includes(email))
    assert.equal((await tokensFromMails(auth, "verify-email", email)).length, 1)
    const again = await openBrowser(auth).post("/account/register", { email, password: PASSWORD })
    assert.equal(again.status, 409)
  })

  it("sign in by a mail's link or code, in the browser that asked and nowhere else", async () => {
    const { email } = await verified(auth)
    for (const by of ["code", "open"]) {
      const browser = openBrowser(auth)
      const page = await browser.get("/account/by-mail?back=/account/sessions")
      assert.equal((await browser.post("/account/by-mail", { email: "nobody" })).status, 400)
      const asked = await browser.post("/account/by-mail", { email, back: backIn(page) ?? "" })
      assert.equal(backIn(asked), "/account/sessions")
      const [code = "", token = ""] = await Promise.all([
        codesFromMails(auth, "sign-in-link", email).then((codes) => codes.at(-1)),
        tokensFromMails(auth, "sign-in-link", email).then((tokens) => tokens.at(-1)),
      ])
      const proof = by === "code" ? code : token
      const elsewhere = await openBrowser(auth).post(`/account/by-mail/${by}`, { code: proof })
      assert.equal(
        said(elsewhere),
        "If the email has an account, a mail is on its way. Open its link in this browser, or type its code here.",
      )
      assert.match(elsewhere.text, /This code is not right/)
      if (by === "open") {
        const opened = await browser.follow(await browser.get(`/sign-in-link?token=${token}`))
        assert.ok(opened.text.includes(token))
        assert.match((await browser.get("/account")).text, /name="password"/)
      }
      const back = backIn(asked) ?? ""
      assert.equal(
        (await browser.post(`/account/by-mail/${by}`, { code: wrong("123456"), back })).status,
        400,
      )
      const done = await browser.post(`/account/by-mail/${by}`, { code: proof, back })
      assert.equal(done.location, "/account/sessions")
      assert.equal((await browser.get("/account/sessions")).status, 200)
    }
  })

  // check 40
  it("know a browser again that signed in here, so that strangers can't keep its owner out", async () => {
    const guarded = await auth.another({ RATE_LIMITS: "on", TRUSTED_PROXY_HOPS: "1" })
    const { email } = await verified(auth)
    const from = (address: string) => ({ Origin: PUBLIC_URL, "X-Forwarded-For": address })
    const signIn = (browser: Browser, address: string, password = PASSWORD) =>
      browser.post("/account/sign-in", { email, password }, from(address))

    const browser = openBrowser(guarded)
    assert.equal((await signIn(browser, "198.51.100.1")).status, 303)
    assert.match(browser.cookies().gatepost_device ?? "", /^[\w-]{43}$/)
    for (let network = 1; network <= 101; network++) {
      await signIn(openBrowser(guarded), `203.0.${network}.1`, "a wrong guess")
    }
    // The right password, from a browser that nobody knows: the owner is asked.
    assert.equal((await signIn(openBrowser(guarded), "192.0.2.1")).status, 401)
    assert.equal((await signIn(browser, "192.0.2.77")).location, "/account")
  })

  // checks 97 and 99
  it("sign in with a provider, link and unlink others, and never take the last way in", async () => {
    const email = newEmail()
    auth.google.person = { sub: "page-1", email, email_verified: true, name: "Kim Lee" }
    const browser = openBrowser(auth)
    const comingFrom = async (href: string) =>
      browser.get(await throughProvider((await browser.get(href)).location ?? "").then(pathOf))
    const there = await browser.follow(await comingFrom("/account/social/google?back=/account/providers"))
    assert.equal(there.path, "/account/providers", there.text)
    assert.match(there.text, /<b>Google<\/b>/)
    assert.match((await browser.get("/account/password")).text, /You sign in without a password/)
    assert.match((await browser.get("/account/email")).text, /Choose a password first/)
    const [unlinkGoogle = ""] = /\/account\/providers\/[0-9a-f-]{36}\/unlink/.exec(there.text) ?? []
    const last = await browser.post(unlinkGoogle, {})
    assert.deepEqual([last.status, /your only way to sign in/.test(last.text)], [409, true])

    auth.okta.person = { sub: "page-2", email: newEmail(), email_verified: true }
    const fromElsewhere = await fetch(`${auth.url}/account/providers/okta/link`, {
      headers: { "Sec-Fetch-Site": "cross-site", Cookie: `_account=${browser.cookies()._account}` },
      redirect: "manual",
    })
    assert.equal(fromElsewhere.status, 403)
    const linked = await browser.follow(await comingFrom("/account/providers/okta/link"))
    assert.match(linked.text, /Linked\. From now on/)
    assert.match((await browser.follow(await browser.post(unlinkGoogle, {}))).text, /Unlinked\./)
    await browser.post("/account/password/link", {})
    assert.equal((await tokensFromMails(auth, "reset-password", email)).length, 1)

    // Somebody's answer in another one's browser links nothing.
    auth.google.person = { sub: "page-3", email: newEmail(), email_verified: true }
    const started = (await browser.get("/account/providers/google/link")).location ?? ""
    const answer = pathOf(await throughProvider(started))
    const victim = await verified(auth)
    const theirs = await visiting(victim.email)
    const refused = await theirs.follow(await theirs.get(answer))
    assert.equal(refused.status, 400)
    assert.match(refused.text, /This sign-in did not work/)
    const { user } = await signedIn(auth, auth.google, {
      sub: "page-3",
      email: newEmail(),
      email_verified: true,
    })
    assert.notEqual(user.id, victim.user.id)
    const stale = openBrowser(auth)
    const { body } = await logIn(auth, victim.email).expect(200)
    await grownStale(stale, victim.user.id, body.refresh_token)
    const page = await stale.get("/account/providers/google/link")
    assert.equal(backIn(page), "/account/providers")
  })

  it("ask for the second factor after a provider, and then go where one was going", async () => {
    const person = await secured(auth)
    auth.google.person = { sub: "page-4", email: person.email, email_verified: true }
    await auth.db.query(
      `insert into auth.identities (id, account_id, provider, issuer, subject, upstream_client_id)
       values (gen_random_uuid(), ?, 'google', ?, 'page-4', 'x')`,
      [person.user.id, auth.google.issuer],
    )
    const browser = openBrowser(auth)
    const { location = "" } = await browser.get("/account/social/google?back=/account/sessions")
    const asked = await browser.follow(await browser.get(pathOf(await throughProvider(location))))
    const challenge = /name="challenge" value="([^"]+)"/.exec(asked.text)?.[1] ?? ""
    const code = person.recovery_codes[0] ?? ""
    const done = await browser.post("/account/second-factor", { challenge, code, back: backIn(asked) ?? "" })
    assert.equal(done.location, "/account/sessions")
    assert.equal((await browser.get("/account/sessions")).status, 200)
  })
})
