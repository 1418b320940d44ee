import { createHash, randomBytes } from "node:crypto"
import type { AuthProcess } from "./setup.js"
import { PUBLIC_URL } from "./setup.js"

/** A browser as far as a sign-in needs one: cookies by path, redirects followed one by one. */
export interface Browser {
  get(path: string): Promise<Answer>
  post(path: string, form: Record<string, string>, headers?: Record<string, string>): Promise<Answer>
  /** Follows redirects here until a page, or until one leads elsewhere: then `location` says where. */
  follow(answer: Answer): Promise<Answer>
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
  }
  return browser
}

export interface Authorization {
  path: string
  verifier: string
  redirectUri: string
  clientId: string
}

/** The first request of a code flow, with PKCE (RFC 7636). */
export function authorization(options: {
  clientId: string
  redirectUri: string
  scope: string
  [extra: string]: string
}): Authorization {
  const { clientId, redirectUri, ...more } = options
  const verifier = randomBytes(32).toString("base64url")
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    state: randomBytes(8).toString("hex"),
    nonce: randomBytes(8).toString("hex"),
    ...more,
  })
  return { path: `/oidc/auth?${query}`, verifier, redirectUri, clientId }
}

/** Exchanges the code of a redirect back to the client. */
export const exchangeCode = (
  { http }: AuthProcess,
  { verifier, redirectUri, clientId }: Authorization,
  location: string,
) =>
  http
    .post("/oidc/token")
    .type("form")
    .send({
      grant_type: "authorization_code",
      code: new URL(location).searchParams.get("code") ?? "",
      redirect_uri: redirectUri,
      code_verifier: verifier,
      client_id: clientId,
    })
