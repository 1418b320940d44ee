import { randomBytes } from "node:crypto"
import type { Api, Json } from "./api.js"
import { waitForLink } from "./inbox.js"

export interface Journey {
  api: Api
  /** Where mails can be read; without it the link is not opened. */
  inboxUrl?: string | undefined
  /** Of the client `backend`; without it no notification is sent. */
  serviceClientSecret?: string | undefined
  /** Whether the example service is there. */
  hasSocialBattery?: boolean | undefined
}

export interface Step {
  name: string
  /** Why it can't be walked here, if so. */
  skipped?: string | undefined
  run(): Promise<void>
}

/** The main job of Gatepost as a user of it, step by step; each step throws when it fails. */
export function journeySteps(journey: Journey): Step[] {
  const { api, inboxUrl, serviceClientSecret } = journey
  const email = `smoke-${randomBytes(6).toString("hex")}@example.com`
  const password = randomBytes(12).toString("base64url")
  const withoutInbox = inboxUrl ? undefined : "needs --inbox"
  const withoutBattery = journey.hasSocialBattery ? undefined : "needs EXAMPLES=social-battery"
  const withoutSecret = serviceClientSecret ? undefined : "needs SERVICE_CLIENT_SECRET"
  let session: Json = {}
  let serviceToken = ""
  let spentRefreshToken = ""
  const token = () => String(session.access_token)
  const user = () => session.user as Json

  return [
    {
      name: "ready",
      run: async () => void (await api("GET", "/readyz", { expect: 200 })),
    },
    {
      name: "register",
      async run() {
        session = await api("POST", "/v1/auth/register", { expect: 201, json: { email, password } })
      },
    },
    {
      name: "verify by the mail's link",
      skipped: withoutInbox,
      async run() {
        const { pathname } = new URL(await waitForLink(String(inboxUrl), email))
        await api("GET", pathname, { expect: 200 })
      },
    },
    {
      name: "log in",
      async run() {
        session = await api("POST", "/v1/auth/login", { expect: 200, json: { email, password } })
        if (!withoutInbox) assertEqual(user().email_verified, true, "email_verified")
      },
    },
    {
      name: "who am I",
      async run() {
        const me = await api("GET", "/v1/auth/me", { expect: 200, token: token() })
        assertEqual(me.email, email, "email")
      },
    },
    {
      name: "service token",
      skipped: withoutSecret,
      async run() {
        const basic = `backend:${serviceClientSecret}`
        const form = { grant_type: "client_credentials", scope: "notifications:write" }
        serviceToken = String((await api("POST", "/oidc/token", { expect: 200, basic, form })).access_token)
      },
    },
    {
      name: "send a notification",
      skipped: withoutSecret,
      async run() {
        const json = { user_id: user().id, title: "Hello", body: "Your gate is open." }
        await api("POST", "/v1/notifications", { expect: 201, token: serviceToken, json })
      },
    },
    {
      name: "list notifications",
      async run() {
        const { items } = await api("GET", "/v1/notifications", { expect: 200, token: token() })
        assertEqual((items as Json[]).length, withoutSecret ? 0 : 1, "number of notifications")
      },
    },
    {
      name: "mark all as read",
      async run() {
        await api("POST", "/v1/notifications/mark-all-read", { expect: 200, token: token() })
        const { items } = await api("GET", "/v1/notifications", { expect: 200, token: token() })
        for (const item of items as Json[]) assertEqual(item.is_read, true, "is_read")
      },
    },
    {
      name: "record in the social battery",
      skipped: withoutBattery,
      async run() {
        const path = `/social-battery/${user().id}`
        const json = { interaction_type: "smoke test", energy_change: -20 }
        await api("POST", `${path}/record`, { expect: 201, token: token(), json })
        assertEqual((await api("GET", path, { expect: 200, token: token() })).level, 30, "level")
        await api("GET", "/social-battery/somebody-else", { expect: 403, token: token() })
      },
    },
    {
      name: "refresh",
      async run() {
        spentRefreshToken = String(session.refresh_token)
        const json = { refresh_token: spentRefreshToken }
        session = await api("POST", "/v1/auth/refresh", { expect: 200, json })
      },
    },
    {
      name: "log out",
      run: async () => void (await api("POST", "/v1/auth/logout", { expect: 200, token: token() })),
    },
    {
      name: "old tokens are refused",
      async run() {
        await api("GET", "/v1/auth/me", { expect: 401, token: token() })
        for (const refresh_token of [session.refresh_token, spentRefreshToken]) {
          await api("POST", "/v1/auth/refresh", { expect: 401, json: { refresh_token } })
        }
      },
    },
  ]
}

function assertEqual(actual: unknown, expected: unknown, what: string): void {
  if (actual !== expected) throw new Error(`${what} is ${String(actual)}, expected ${String(expected)}`)
}
