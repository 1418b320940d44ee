import { sign } from "node:crypto"
import { readFileSync } from "node:fs"
import { ConfigError } from "@gatepost/runtime"
import { z } from "zod"

/** A service account's key, as Google's console gives it. */
export const ServiceAccount = z.object({
  project_id: z.string().regex(/^[a-z0-9][a-z0-9:.-]{0,99}$/),
  client_email: z.string().min(3),
  private_key: z.string().includes("PRIVATE KEY"),
  token_uri: z.url({ protocol: /^https?$/ }),
})

export type ServiceAccount = z.output<typeof ServiceAccount>

/** @throws ConfigError when the file is no service account's key */
export function readServiceAccount(file: string): ServiceAccount {
  try {
    return ServiceAccount.parse(JSON.parse(readFileSync(file, "utf8")))
  } catch (cause) {
    // Never what is in it: it holds a private key.
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : "it can't be read as JSON"
    throw new ConfigError(`FCM_SERVICE_ACCOUNT_FILE ${file} can't be used: ${reason}`)
  }
}

const SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
const TIMEOUT_MS = 5_000
// A token is asked for anew before the last of its time.
const SLACK_SECONDS = 120

const TokenAnswer = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() })

/** Google's access tokens for a service account (RFC 7523), each used for as long as it lives; asked for once at a time. */
export function createFcmAccess(account: ServiceAccount) {
  let current: { token: string; until: number } | undefined
  let pending: Promise<string> | undefined

  return {
    /** @throws when Google gives none */
    async token(): Promise<string> {
      if (current && Date.now() < current.until) return current.token
      pending ??= fetchToken().finally(() => {
        pending = undefined
      })
      return pending
    },
    /** It was refused: the next call gets a new one. */
    forget(token: string): void {
      if (current?.token === token) current = undefined
    },
  }

  async function fetchToken(): Promise<string> {
    const assertion = signedAssertion(account)
    const response = await fetch(account.token_uri, {
      method: "POST",
      body: new URLSearchParams({ grant_type: GRANT, assertion }),
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (!response.ok) throw new Error(`the token endpoint answered ${response.status}`)
    const { access_token, expires_in } = TokenAnswer.parse(await response.json())
    current = { token: access_token, until: Date.now() + (expires_in - SLACK_SECONDS) * 1000 }
    return access_token
  }
}

/**
 * RFC 7523 section 3, signed here: jose, which Node loads as a module, can't be loaded at the same time as jwks-rsa
 * requires it (ERR_INTERNAL_ASSERTION, Node 20 and 22).
 */
function signedAssertion({ client_email: iss, token_uri: aud, private_key }: ServiceAccount): string {
  const iat = Math.floor(Date.now() / 1000)
  const claims = { iss, aud, scope: SCOPE, iat, exp: iat + 3_600 }
  const input = [{ alg: "RS256", typ: "JWT" }, claims].map(encode).join(".")
  return `${input}.${sign("RSA-SHA256", Buffer.from(input), private_key).toString("base64url")}`
}

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url")
