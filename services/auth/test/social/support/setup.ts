import { generateKeyPairSync, randomBytes } from "node:crypto"
import { CLIENTS, setupProvider } from "../../oidc/support/apps.js"
import { open } from "../../oidc/support/flows.js"
import { me, type Tokens } from "../../support/people.js"
import {
  type Answer,
  type Authorization,
  authorization,
  type Browser,
  openBrowser,
} from "../../support/relying-party.js"
import { type AuthProcess, type Bundle, PUBLIC_URL } from "../../support/setup.js"
import { type GitHub, startGitHub } from "./github.js"
import {
  APPLE,
  CLIENT_ID,
  CLIENT_SECRET,
  type Claims,
  NATIVE_CLIENT_ID,
  startUpstream,
  type Upstream,
} from "./upstream.js"

export interface SocialBundle extends Bundle {
  google: Upstream
  apple: Upstream
  /** Some other, by OpenID Connect. */
  okta: Upstream
  github: GitHub
}

const callback = (id: string) => `${PUBLIC_URL}/social/${id}/callback`

/** A whole auth service, and the four providers that its people sign in with, each a server of its own. */
export async function setupSocial(env: Record<string, string> = {}): Promise<SocialBundle> {
  const apple = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const upstreams = {
    google: await startUpstream({ redirectUri: callback("google") }),
    apple: await startUpstream({ redirectUri: callback("apple"), appleKey: apple.publicKey }),
    okta: await startUpstream({ redirectUri: callback("okta") }),
    github: await startGitHub(callback("github")),
  }
  const ids = { client_id: CLIENT_ID, native_client_ids: [NATIVE_CLIENT_ID] }
  const secret = { client_secret: CLIENT_SECRET }
  const providers = [
    { type: "google", ...ids, ...secret, issuer: upstreams.google.issuer },
    {
      type: "apple",
      ...ids,
      ...APPLE,
      private_key: apple.privateKey.export({ type: "pkcs8", format: "pem" }),
      issuer: upstreams.apple.issuer,
    },
    {
      type: "github",
      client_id: CLIENT_ID,
      ...secret,
      issuer: upstreams.github.issuer,
      api_url: upstreams.github.issuer,
    },
    {
      type: "oidc",
      id: "okta",
      name: "Okta",
      ...ids,
      ...secret,
      issuer: upstreams.okta.issuer,
      authoritative_domains: ["okta.example"],
    },
  ]
  const auth = await setupProvider({
    EGRESS_ALLOW: "loopback",
    SOCIAL_PROVIDERS: JSON.stringify(providers),
    ...env,
  })
  return {
    ...auth,
    ...upstreams,
    async stop() {
      await auth.stop()
      for (const upstream of Object.values(upstreams)) await upstream.stop()
    },
  }
}

export const newNonce = () => randomBytes(16).toString("hex")

/** A sign-in by an ID token of an app's SDK. */
export async function byIdToken(
  auth: AuthProcess,
  upstream: Upstream,
  claims: Claims,
  more: { provider?: string; [member: string]: unknown } = {},
) {
  const { provider = "google", ...body } = more
  const nonce = newNonce()
  const id_token = await upstream.idToken({ ...claims, nonce })
  return auth.http.post(`/v1/auth/social/${provider}`).send({ id_token, nonce, ...body })
}

/** The same, which has to work. */
export async function signedIn(
  auth: AuthProcess,
  upstream: Upstream,
  claims: Claims,
  more: { provider?: string } = {},
): Promise<Tokens> {
  const answer = await byIdToken(auth, upstream, claims, more)
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`)
  return answer.body
}

/** A browser at the sign-in page of an app. */
export async function atSignIn(
  auth: AuthProcess,
  params: Record<string, string> = {},
): Promise<{ browser: Browser; request: Authorization; page: Answer }> {
  const browser = openBrowser(auth)
  const request = authorization({ ...CLIENTS.web, scope: "openid email account", ...params })
  return { browser, request, page: await open(browser, request) }
}

/** To a provider, up to what it sends the browser back with. */
export async function toProvider(browser: Browser, page: Answer, provider: string): Promise<string> {
  const link = new RegExp(`href="(/interaction/[^"]+/social/${provider})"`).exec(page.text)?.[1]
  if (!link) throw new Error(`no link to ${provider}: ${page.text}`)
  const { location = "", status, text } = await browser.get(link)
  if (!location.startsWith("http://127.0.0.1")) throw new Error(`${status} ${location} ${text}`)
  return throughProvider(location)
}

/** A browser's way through a provider, where it has cookies of its own. */
export async function throughProvider(start: string): Promise<string> {
  const cookies = new Map<string, string>()
  for (let location = start; ; ) {
    const headers = { Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") }
    const response = await fetch(location, { headers, redirect: "manual" })
    for (const line of response.headers.getSetCookie()) {
      const [name = "", value = ""] = line.split("; ")[0]?.split("=") ?? []
      if (value === "" || /expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
    const next = response.headers.get("location")
    if (!next) return formPost(await response.text())
    location = new URL(next, location).href
    if (location.startsWith(PUBLIC_URL)) return location
  }
}

/** The page of response_mode=form_post, as the URL it would be without it. */
function formPost(page: string): string {
  const action = /action="([^"]+)"/.exec(page)?.[1]
  if (!action) throw new Error(page)
  const inputs = [...page.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name = "", value = ""]) => [
    name,
    value,
  ])
  return `${action}?${new URLSearchParams(inputs as [string, string][])}`
}

export const pathOf = (url: string) => url.slice(PUBLIC_URL.length)

export async function myself(auth: AuthProcess, accessToken: string) {
  const answer = await me(auth, accessToken)
  return { status: answer.status, ...answer.body }
}
