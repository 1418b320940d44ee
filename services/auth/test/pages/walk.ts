import type { WatchedPage } from "@gatepost/testkit"
import { CLIENTS, type Client } from "../oidc/support/apps.js"
import { askForEmail, proofsTo, undoTokenTo } from "../support/email-changes.js"
import { tokensFromMails } from "../support/mails.js"
import { logIn, newEmail, PASSWORD, register } from "../support/people.js"
import { ask, authorization } from "../support/relying-party.js"
import { codeOf, secured, verified } from "../support/second-factors.js"
import { type Bundle, PUBLIC_URL } from "../support/setup.js"

/** Somebody else's app, at an address that the tests' browser can reach. */
export const PARTNER: Client = { ...CLIENTS.partner, redirectUri: "http://localhost:5173/partner" }

export const start = (client: Client, params: Record<string, string> = {}) =>
  PUBLIC_URL + authorization({ ...client, scope: "openid", ...params }).path

export async function newDevice(auth: Bundle): Promise<string> {
  const { body } = await ask(auth, "device/auth", CLIENTS.tv, { scope: "openid account" }).expect(200)
  return body.user_code
}

export const PRIMARY = "main form button, main button:first-of-type"

/** Clicks, and waits for the page that this leads to. */
export const go = ({ page }: WatchedPage, selector = PRIMARY): Promise<unknown> =>
  Promise.all([page.waitForEvent("load"), page.click(selector)])

export async function signIn(watched: WatchedPage, email: string, password = PASSWORD): Promise<void> {
  await watched.page.fill("#email", email)
  await watched.page.fill("#password", password)
  await go(watched)
}

/** Comes by every page that people can see but those of their account, and stops at each. */
export async function walk(
  auth: Bundle,
  watched: WatchedPage,
  stop: (name: string) => Promise<void>,
): Promise<void> {
  const { page } = watched
  const email = newEmail()
  await register(auth, email, "Kim Lee")

  const scope = "openid email profile offline_access notifications:read"
  const request = start(PARTNER, { scope, resource: PUBLIC_URL, prompt: "consent" })
  await page.goto(request)
  await stop("sign in")
  await signIn(watched, email, "not the password")
  await stop("sign in, wrong password")
  await go(watched, 'nav a[href$="/register"]')
  await stop("register")
  await signIn(watched, email)
  await stop("register, address taken")
  await go(watched, "nav a")
  await go(watched, 'nav a[href^="/forgot-password"]')
  await stop("forgot")
  await page.fill("#email", email)
  await go(watched)
  await stop("forgot, sent")
  await page.goto(request)
  await signIn(watched, email)
  await stop("consent")
  await go(watched)
  await page.waitForURL(`${PARTNER.redirectUri}?**`)

  await page.goto(start(PARTNER, { prompt: "login" }))
  await signIn(watched, (await secured(auth)).email)
  await stop("second factor")
  await page.fill("#code", "nothing")
  await go(watched)
  await stop("second factor, wrong")
  await page.goto(start(PARTNER, { prompt: "login" }))
  await go(watched, 'form[action$="/passkey"] button')
  await stop("passkey")

  await page.goto(`${PUBLIC_URL}/oidc/device`)
  await stop("device code")
  await page.fill("#user_code", "BBBB BBBB")
  await go(watched)
  await stop("device code, wrong")
  await page.fill("#user_code", await newDevice(auth))
  await go(watched)
  await stop("device confirmation")
  await go(watched)
  await stop("device done")
  await page.goto(`${PUBLIC_URL}/oidc/device`)
  await page.fill("#user_code", await newDevice(auth))
  await go(watched)
  await go(watched, "main button.quiet")
  await stop("device denied")

  await page.goto(`${PUBLIC_URL}/oidc/session/end?client_id=partner`)
  await stop("sign out")
  await go(watched, "main button.quiet")
  await stop("still signed in")
  await page.goBack()
  await go(watched)
  await stop("signed out")
  await page.goto(`${PUBLIC_URL}/oidc/auth?client_id=nobody`)
  await stop("error")
  await page.goto(`${PUBLIC_URL}/interaction/nothing`)
  await stop("sign in, expired")

  const [verify = ""] = await tokensFromMails(auth, "verify-email", email)
  await page.goto(`${PUBLIC_URL}/v1/auth/verify-email/${verify}?client_id=partner`)
  await stop("verify")
  await go(watched)
  await stop("verified")
  const [reset = ""] = await tokensFromMails(auth, "reset-password", email)
  await page.goto(`${PUBLIC_URL}/reset-password?client_id=partner&token=${reset}`)
  await stop("reset")
  await page.fill("#new_password", "another few words")
  await go(watched)
  await stop("reset, done")

  const to = newEmail()
  const { body } = await logIn(auth, email, "another few words")
  await askForEmail(auth, body.access_token, to, "another few words").expect(200)
  await page.goto(`${PUBLIC_URL}/confirm-email?client_id=partner&token=${(await proofsTo(auth, to)).token}`)
  await stop("confirm email")
  await go(watched)
  await stop("email changed")
  const undo = await undoTokenTo(auth, email)
  await page.goto(`${PUBLIC_URL}/undo-email-change?client_id=partner&token=${undo}`)
  await stop("undo email change")
  await go(watched)
  await stop("email change undone")
  await page.goto(`${PUBLIC_URL}/reset-password?token=${reset}`)
  await stop("dead link")
}

/** By every page of an account: what there is, what a form says of what it refused, and what it did. */
export async function walkAccount(
  auth: Bundle,
  watched: WatchedPage,
  stop: (name: string) => Promise<void>,
): Promise<void> {
  const { page } = watched
  const open = async (section = "") => {
    await page.goto(`${PUBLIC_URL}/account${section}`)
    await stop(`account${section}`)
  }
  const click = (action: string) => go(watched, `form[action="/account/${action}"] button`)

  await page.goto(`${PUBLIC_URL}/account/register`)
  await stop("account, register")
  await page.goto(`${PUBLIC_URL}/account/by-mail`)
  await stop("account, by mail")
  await page.fill("#email", newEmail())
  await go(watched)
  await stop("account, by mail, sent")
  await page.goto(`${PUBLIC_URL}/account/profile`)
  await stop("account, sign in")
  const owner = await verified(auth)
  await logIn(auth, owner.email).set("User-Agent", "Mozilla/5.0 (iPhone) Safari/605").expect(200)
  await signIn(watched, owner.email)
  await stop("account/profile")
  await page.fill("#name", "Kim Lee")
  await click("profile")
  await stop("account/profile, saved")
  await open("/email")
  await page.fill("#new_email", newEmail())
  await page.fill("#password", "not the password")
  await click("email")
  await stop("account/email, wrong password")
  await page.fill("#password", PASSWORD)
  await click("email")
  await stop("account/email, sent")
  await open("/password")
  await page.fill("#current_password", PASSWORD)
  await page.fill("#new_password", "password1")
  await click("password")
  await stop("account/password, too common")
  await open("/providers")
  await open("/sessions")
  await go(watched, 'form[action$="/end"] button')
  await stop("account/sessions, ended")
  await open("/activity")
  await open("/data")
  await open("/delete")
  await open()
  await open("/factors")
  await click("totp")
  await stop("account, set up codes")
  await page.fill("#code", codeOf((await page.textContent(".key"))?.replaceAll(" ", "") ?? ""))
  await go(watched)
  await stop("account, recovery codes")
  await go(watched, "nav a")
  await stop("account with codes")
  await go(watched, 'form[action$="/new"] button')
  await stop("account, add a passkey")

  await auth.db.query("delete from auth.totp_factors")
  await auth.db.query("update auth.accounts set password_hash = null where id = ?", [owner.user.id])
  await page.goto(`${PUBLIC_URL}/account/password`)
  await stop("account/password, none")
  await page.goto(`${PUBLIC_URL}/account/delete`)
  await page.check("input[name=sure]")
  await click("delete")
  await stop("account, deleted")
}
