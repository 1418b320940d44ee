import type { Check } from "../patient.js"
import { fail, ok, reasonOf, type Verdict } from "../verdict.js"

const TIMEOUT_MS = 5_000

interface Discovery {
  issuer?: string
  jwks_uri?: string
}

/** Whoever verifies tokens finds the keys where the tokens say: at the issuer, as seen from here. */
export const jwks: Check = {
  name: "jwks",
  async run({ env }) {
    const issuer = `${new URL(env.PUBLIC_URL ?? "").origin}/oidc`
    try {
      const discovery = await get<Discovery>(`${issuer}/.well-known/openid-configuration`)
      if (discovery.issuer !== issuer)
        return fail(`${issuer} says it is ${discovery.issuer}`, "correct PUBLIC_URL, or the proxy in front")
      const { keys = [] } = await get<{ keys?: unknown[] }>(discovery.jwks_uri ?? "")
      return judge(keys.length, issuer)
    } catch (cause) {
      const { message, cause: deeper } = cause as Error
      return fail(
        `${issuer} does not answer: ${deeper ? reasonOf(deeper) : message}`,
        "start the services, or see that name, proxy and firewall lead to them",
      )
    }
  },
}

const judge = (keys: number, issuer: string): Verdict =>
  keys > 0 ? ok(`${keys} at ${issuer}`) : fail(`none at ${issuer}`, "npm run keys -- list")

async function get<Body>(url: string): Promise<Body> {
  const answer = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) })
  if (!answer.ok) throw new Error(`${new URL(url).pathname} answers ${answer.status}`)
  return (await answer.json()) as Body
}
