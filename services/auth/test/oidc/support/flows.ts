import assert from "node:assert/strict"
import { newEmail, PASSWORD, register } from "../../support/people.js"
import {
  type Answer,
  type Authorization,
  authorization,
  type Browser,
  exchangeCode,
  openBrowser,
} from "../../support/relying-party.js"
import type { AuthProcess } from "../../support/setup.js"
import { CLIENTS, type Client } from "./apps.js"

/** Opens a request and comes to the sign-in or consent page, or back to the client. */
export const open = async (browser: Browser, request: Authorization): Promise<Answer> =>
  browser.follow(await browser.get(request.path))

/** Whatever the pages ask for, until the browser is sent elsewhere or shown something else. */
export async function goThrough(browser: Browser, first: Answer, email: string): Promise<Answer> {
  let page = first
  for (let step = 0; step < 3; step++) {
    const action = /action="(\/interaction\/[^"]+\/(?:login|consent))"/.exec(page.text)?.[1]
    if (!action || page.status >= 400) return page
    const form: Record<string, string> = action.endsWith("login") ? { email, password: PASSWORD } : {}
    page = await browser.follow(await browser.post(action, form))
  }
  return page
}

/** The way from the app and back to it; fails when it does not end there. */
export async function signIn(browser: Browser, request: Authorization, email: string): Promise<string> {
  const back = await goThrough(browser, await open(browser, request), email)
  const { location = "" } = back
  assert.ok(location.startsWith(request.redirectUri), `${back.status} ${location} ${back.text}`)
  return location
}

/** A code flow of somebody new, up to the tokens. */
export async function codeFlow(
  auth: AuthProcess,
  options: {
    client?: Client
    scope?: string
    headers?: Record<string, string>
    [param: string]: unknown
  } = {},
) {
  const { client = CLIENTS.web, scope = "openid email account", headers, ...more } = options
  const email = newEmail()
  const registered = await register(auth, email, "Kim Lee")
  const browser = openBrowser(auth)
  const request = authorization({ ...client, scope, ...(more as Record<string, string>) })
  const location = await signIn(browser, request, email)
  const answer = await exchangeCode(auth, request, location, headers)
  assert.equal(answer.status, 200, answer.text)
  const tokens = answer.body as OidcTokens
  return { email, userId: registered.user.id, registered, browser, request, location, tokens }
}

export interface OidcTokens {
  access_token: string
  refresh_token: string
  id_token: string
  token_type: string
  scope: string
}

/** A further request in a browser that may be signed in: what comes back at once. */
export async function silently(browser: Browser, client: Client, more: Record<string, string> = {}) {
  const { scope = "openid", ...params } = more
  const request = authorization({ ...client, scope, prompt: "none", ...params })
  const { location = "" } = await open(browser, request)
  assert.ok(location.startsWith(client.redirectUri), location)
  const answer = new URL(location).searchParams
  return { request, location, code: answer.get("code"), error: answer.get("error"), answer }
}
