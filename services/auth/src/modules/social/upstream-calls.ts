import type { Egress } from "@gatepost/egress"
import { Problem } from "@gatepost/http"

export type UpstreamFetch = (url: string, init: object) => Promise<Response>

/** The provider can't be reached, or has a fault of its own. */
class UpstreamAway extends Error {
  override readonly name = "UpstreamAway"
}

export interface UpstreamCalls {
  fetch: UpstreamFetch
  /**
   * @throws Problem `social.provider-unavailable` where the provider is away, `social.sign-in-invalid` on whatever
   *   else goes wrong; the cause is for the log alone
   */
  during<Result>(work: () => Promise<Result>): Promise<Result>
}

export const upstreamCalls = (egress: Egress): UpstreamCalls => ({
  async fetch(url, init) {
    const answer = await egress.fetch(url, init).catch((cause: unknown) => {
      throw new UpstreamAway(`${new URL(url).host} can't be reached`, { cause })
    })
    if (answer.status >= 500) throw new UpstreamAway(`${new URL(url).host} answered ${answer.status}`)
    return answer
  },
  async during(work) {
    try {
      return await work()
    } catch (cause) {
      if (cause instanceof Problem) throw cause
      const code = isAway(cause) ? "social.provider-unavailable" : "social.sign-in-invalid"
      throw new Problem(code, { cause: withoutSecrets(cause) })
    }
  },
})

/** The libraries' errors carry claims and whole answers, which no log may have (check 119). */
function withoutSecrets(error: unknown): Error {
  if (!(error instanceof Error)) return new Error("not an error")
  const { code } = error as { code?: unknown }
  const told = new Error(`${error.name}${code ? ` ${code}` : ""}: ${error.message}`)
  return error.cause instanceof Error ? Object.assign(told, { cause: withoutSecrets(error.cause) }) : told
}

/** The libraries wrap what `fetch` throws. */
function isAway(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof UpstreamAway) return true
  }
  return false
}
