import { readFileSync } from "node:fs"
import { ConfigError } from "@gatepost/runtime"
import { importPKCS8, SignJWT } from "jose"
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
    const assertion = await new SignJWT({ scope: SCOPE })
      .setProtectedHeader({ alg: "RS256", typ: "JWT" })
      .setIssuer(account.client_email)
      .setAudience(account.token_uri)
      .setIssuedAt()
      .setExpirationTime("1h")
      .sign(await importPKCS8(account.private_key, "RS256"))
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
