import { fingerprint } from "./cache.js"
import { TokenError } from "./errors.js"
import { createClientToken } from "./revocation/client-token.js"
import { sendRequest } from "./revocation/send-request.js"

export interface ApiKeyOptions {
  /** A service client that may ask what keys may do (`api-keys:verify`). */
  readonly clientId: string
  readonly clientSecret: string
  readonly tokenUrl: string
  /** `/v1/auth/verify-api-key` of the auth service. */
  readonly verifyUrl: string
  /** How long an answer is believed, and so how long a revoked key may be taken; 30 if unset, 0 to 300. */
  readonly cacheSeconds?: number
  /** Milliseconds since 1970, for tests. */
  readonly clock?: () => number
}

/** A program that called with an API key. */
export interface ApiKeyCaller {
  readonly kind: "service"
  /** `api-key:` and the key's id, or that of the key it was rotated from first. */
  readonly clientId: string
  /** Whose rights it has, or less; nobody's, where it is the operator's. */
  readonly ownerId: string | undefined
  readonly scopes: ReadonlySet<string>
  readonly expiresAt: Date
}

export interface ApiKeyVerifier {
  /** @throws TokenError `token_invalid`; `keys_unavailable` where nobody can be asked */
  verify(key: string): Promise<ApiKeyCaller>
}

interface Known {
  /** Nothing: the key does not count. */
  readonly caller: ApiKeyCaller | undefined
  readonly untilMs: number
}

const FORM = /^gp_(?:live|test)_[0-9a-f]{16}_[\w-]{43}$/
const MAX_KNOWN = 10_000
const TIMEOUT_MS = 5_000
const MAX_LENGTH = 65_536

/** Whether what came as a bearer's token is an API key, which no signature can prove. */
export const isApiKey = (token: string): boolean => token.startsWith("gp_")

/** Takes API keys at a service that is called with them: asks the auth service, and remembers for a moment. */
export function createApiKeyVerifier(options: ApiKeyOptions): ApiKeyVerifier {
  const { tokenUrl, verifyUrl, cacheSeconds = 30, clock = Date.now } = options
  if (!(cacheSeconds >= 0 && cacheSeconds <= 300)) throw new TypeError("cacheSeconds must be 0 to 300")
  const token = createClientToken({ ...options, tokenUrl, clock, scope: "api-keys:verify" })
  const known = new Map<string, Known>()
  const underWay = new Map<string, Promise<ApiKeyCaller | undefined>>()

  return {
    async verify(key) {
      if (!FORM.test(key)) throw new TokenError("token_invalid", "the API key has no form")
      const caller = await find(key)
      if (caller && caller.expiresAt.getTime() > clock()) return caller
      throw new TokenError("token_invalid", "the API key is not valid")
    },
  }

  async function find(key: string): Promise<ApiKeyCaller | undefined> {
    const id = fingerprint(key)
    const remembered = known.get(id)
    if (remembered && remembered.untilMs > clock()) return remembered.caller
    const asking = underWay.get(id) ?? ask(key).finally(() => underWay.delete(id))
    underWay.set(id, asking)
    const caller = await asking
    known.delete(id)
    known.set(id, { caller, untilMs: clock() + cacheSeconds * 1000 })
    const [oldest] = known.keys()
    if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest)
    return caller
  }

  async function ask(key: string): Promise<ApiKeyCaller | undefined> {
    try {
      let answer = await send(key)
      if (answer.status === 401) {
        token.forget()
        answer = await send(key)
      }
      if (answer.status === 404) return undefined
      if (answer.status === 200) return toCaller(JSON.parse(answer.text))
      throw new Error(`the auth service answered ${answer.status}`)
    } catch (cause) {
      throw new TokenError("keys_unavailable", "nobody could be asked about the API key", { cause })
    }
  }

  async function send(key: string): Promise<{ status: number | undefined; text: string }> {
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS).unref()
    try {
      const response = await sendRequest(verifyUrl, {
        method: "POST",
        headers: { authorization: `Bearer ${await token.current()}`, "content-type": "application/json" },
        body: JSON.stringify({ api_key: key }),
        signal: abort.signal,
      })
      let text = ""
      for await (const chunk of response.setEncoding("utf8")) {
        text += chunk
        if (text.length > MAX_LENGTH) throw new Error("the auth service sent too much")
      }
      return { status: response.statusCode, text }
    } finally {
      clearTimeout(timer)
    }
  }
}

function toCaller(answer: Record<string, unknown>): ApiKeyCaller {
  const { client_id: clientId, owner_id: ownerId, scope, expires_at: expiresAt } = answer
  if (typeof clientId !== "string" || typeof scope !== "string" || typeof expiresAt !== "string")
    throw new Error("the auth service's answer has no form")
  return {
    kind: "service",
    clientId,
    ownerId: typeof ownerId === "string" ? ownerId : undefined,
    scopes: new Set(scope.split(" ").filter(Boolean)),
    expiresAt: new Date(expiresAt),
  }
}
