import { createHash, randomBytes } from "node:crypto"
import { basic } from "./service-client.js"
import type { AuthProcess } from "./setup.js"
import { PUBLIC_URL } from "./setup.js"

/** A browser as far as a sign-in needs one: cookies by path, redirects followed one by one. */
export interface Browser {
  get(path: string): Promise<Answer>
  post(path: string, form: Record<string, string>, headers?: Record<string, string>): Promise<Answer>
  /** Follows redirects here until a page, or until one leads elsewhere: then `location` says where. */
  follow(answer: Answer): Promise<Answer>
  /** Cookies by name. */
  cookies(): Record<string, string>
  /** Takes a cookie as if a server had sent it. */
  keep(setCookie: string): void
}

export interface Answer {
  status: number
  path: string
  location: string | undefined
  headers: Headers
  text: string
}

export function openBrowser({ url }: AuthProcess): Browser {
  const cookies = new Map<string, { value: string; path: string }>()

  async function send(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const jar = [...cookies].filter(([, cookie]) => path.startsWith(cookie.path))
    const cookie = jar.map(([name, { value }]) => `${name.split(" ")[0]}=${value}`).join("; ")
    const headers = { Accept: "text/html", ...(cookie && { Cookie: cookie }), ...(init.headers as object) }
    const response = await fetch(new URL(path, url), { ...init, method, headers, redirect: "manual" })
    for (const line of response.headers.getSetCookie()) keep(line)
    const location = response.headers.get("location") ?? undefined
    return { status: response.status, path, location, headers: response.headers, text: await response.text() }
  }

  function keep(line: string): void {
    const [pair = "", ...attributes] = line.split("; ")
    const [name = "", value = ""] = pair.split("=")
    const path = attributes.find((item) => item.startsWith("path="))?.slice(5) ?? "/"
    if (value === "" || /expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(`${name} ${path}`)
    else cookies.set(`${name} ${path}`, { value, path })
  }

  const browser: Browser = {
    keep,
    get: (path) => send("GET", path),
    post: (path, form, headers = { Origin: PUBLIC_URL }) =>
      send("POST", path, { body: new URLSearchParams(form), headers }),
    async follow(answer) {
      let current = answer
      while (current.location) {
        const target = new URL(current.location, PUBLIC_URL)
        if (target.origin !== PUBLIC_URL) return current
        current = await browser.get(target.pathname + target.search)
      }
      return current
    },
    cookies: () => Object.fromEntries([...cookies].map(([key, { value }]) => [key.split(" ")[0], value])),
  }
  return browser
}

export interface Authorization {
  path: string
  params: Record<string, string>
  verifier: string
  redirectUri: string
  clientId: string
  secret?: string | undefined
  inForm?: boolean | undefined
}

/** The first request of a code flow, with PKCE (RFC 7636); a parameter that is "" is left out. */
export function authorization(options: {
  clientId: string
  redirectUri: string
  scope: string
  secret?: string
  inForm?: boolean
  [extra: string]: string | boolean | undefined
}): Authorization {
  const { clientId, redirectUri, secret, inForm, ...more } = options
  const verifier = randomBytes(32).toString("base64url")
  const params = {
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    state: randomBytes(8).toString("hex"),
    nonce: randomBytes(8).toString("hex"),
    ...more,
  } as Record<string, string>
  for (const name of Object.keys(params)) if (params[name] === "") delete params[name]
  const path = `/oidc/auth?${new URLSearchParams(params)}`
  return { path, params, verifier, redirectUri, clientId, secret, inForm }
}

/** What a client of this kind sends to prove itself (RFC 6749 section 2.3). */
export function credentials({ clientId, secret, inForm }: ClientCredentials) {
  if (!secret) return { form: { client_id: clientId }, headers: {} }
  if (inForm) return { form: { client_id: clientId, client_secret: secret }, headers: {} }
  return { form: {}, headers: { Authorization: basic(clientId, secret) } }
}

type ClientCredentials = Pick<Authorization, "clientId" | "secret" | "inForm">

/** A client's request to one of the provider's endpoints that take forms. */
export function ask(
  { http }: AuthProcess,
  endpoint: string,
  client: ClientCredentials,
  form: Record<string, string>,
  headers: Record<string, string> = {},
) {
  const own = credentials(client)
  return http
    .post(`/oidc/${endpoint}`)
    .set({ ...own.headers, ...headers })
    .type("form")
    .send({ ...own.form, ...form })
}

/** Exchanges the code of a redirect back to the client. */
export const exchangeCode = (
  auth: AuthProcess,
  request: Authorization,
  location: string,
  headers: Record<string, string> = {},
) =>
  ask(
    auth,
    "token",
    request,
    {
      grant_type: "authorization_code",
      code: codeOf(location),
      redirect_uri: request.redirectUri,
      code_verifier: request.verifier,
    },
    headers,
  )

export const codeOf = (location = "") => new URL(location).searchParams.get("code") ?? ""

export const refreshAtTokenEndpoint = (
  auth: AuthProcess,
  client: ClientCredentials,
  refresh_token: string,
  headers: Record<string, string> = {},
) => ask(auth, "token", client, { grant_type: "refresh_token", refresh_token }, headers)

/** A JWT's claims, unchecked. */
export const claimsOf = (jwt: string) =>
  JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString()) as Record<string, unknown>
