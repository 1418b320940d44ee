import { sendRequest } from "./send-request.js"

export interface ClientTokenSettings {
  readonly clientId: string
  readonly clientSecret: string
  readonly tokenUrl: string
  readonly clock: () => number
  /** `revocations:read` if unset. */
  readonly scope?: string
}

export interface ClientToken {
  /** The access token to use now; asks for one when there is none, or when the old one is near its end. */
  current(): Promise<string>
  isDue(): boolean
  /** Gets the next one; the old one stays when that fails. */
  renew(): Promise<void>
  /** The server does not take it. */
  forget(): void
}

const SCOPE = "revocations:read"
const TIMEOUT_MS = 5_000
const MAX_LENGTH = 65_536
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/
// The share of its life after which a token is renewed.
const USED_UP = 0.8

/** Keeps an access token of a client that acts for itself (RFC 6749 §4.4). */
export function createClientToken(settings: ClientTokenSettings): ClientToken {
  const { clientId, clientSecret, tokenUrl, clock, scope = SCOPE } = settings
  const credentials = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`)
  let token = ""
  let renewAtMs = Number.NEGATIVE_INFINITY

  const isDue = (): boolean => clock() >= renewAtMs

  async function renew(): Promise<void> {
    const askedAtMs = clock()
    const answer = readAnswer(await ask())
    token = answer.token
    renewAtMs = askedAtMs + answer.lifetimeSeconds * 1000 * USED_UP
  }

  async function ask(): Promise<string> {
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS).unref()
    try {
      const response = await sendRequest(tokenUrl, {
        method: "POST",
        headers: {
          accept: "application/json",
          authorization: `Basic ${credentials.toString("base64")}`,
          "content-type": "application/x-www-form-urlencoded",
        },
        body: new URLSearchParams({ grant_type: "client_credentials", scope }).toString(),
        signal: abort.signal,
      })
      if (response.statusCode !== 200) throw new Error(`the token endpoint answered ${response.statusCode}`)
      let body = ""
      for await (const chunk of response.setEncoding("utf8")) {
        body += chunk
        if (body.length > MAX_LENGTH) throw new Error("the token endpoint sent too much")
      }
      return body
    } finally {
      clearTimeout(timer)
      abort.abort()
    }
  }

  return {
    async current() {
      if (isDue()) await renew()
      return token
    },
    isDue,
    renew,
    forget() {
      renewAtMs = Number.NEGATIVE_INFINITY
    },
  }
}

function readAnswer(body: string): { token: string; lifetimeSeconds: number } {
  const { access_token: token, expires_in: lifetimeSeconds } = JSON.parse(body)
  if (typeof token === "string" && TOKEN.test(token) && Number(lifetimeSeconds) > 0) {
    return { token, lifetimeSeconds: Number(lifetimeSeconds) }
  }
  throw new Error("the token endpoint sent no access token")
}
