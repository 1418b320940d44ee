import { isAboutToken } from "./answer.js"
import { TokenRefused, type WithToken } from "./authorised.js"
import { type Clock, limited } from "./clock.js"
import { NetworkError } from "./errors.js"
import { originOf } from "./origins.js"
import type { Held } from "./session-store.js"
import type { Fetch } from "./transport.js"

/** A `fetch` with an access token, for the origins that may see one. Any answer but a refused token is the caller's. */
export function createAuthorisedFetch(deps: {
  withToken: WithToken
  fetch: Fetch
  clock: Clock
  timeoutMs: number
  baseUrl: string
  origins: readonly string[]
}): Fetch {
  const { withToken, fetch, clock, timeoutMs, baseUrl } = deps
  const origins = new Set([baseUrl, ...deps.origins].map(originOf))

  return async (input, init = {}) => {
    const target = targetOf(input)
    const signal = init.signal ?? (isRequest(target) ? target.signal : undefined)
    let refusal: TokenRefused | undefined

    const send = async (held: Held): Promise<Response> => {
      // A stream that was read can't be sent again.
      if (refusal && isStream(init.body)) throw refusal
      const response = await sendOnce(target, init, held)
      if (!(await isTokenRefused(response, held))) return response
      refusal = new TokenRefused(response)
      throw refusal
    }

    try {
      return await withToken(send, signal)
    } catch (error) {
      if (error instanceof TokenRefused) return error.response
      throw error
    }
  }

  /** @throws TypeError for an origin that must not see the token */
  function targetOf(input: string | URL | Request): string | Request {
    const url = isRequest(input) ? input.url : String(input)
    const origin = originOf(url)
    if (origin === undefined) return baseUrl + url
    if (!origins.has(origin)) throw new TypeError(`${origin} gets no access token; name it in "origins"`)
    return isRequest(input) ? input : url
  }

  async function sendOnce(target: string | Request, init: RequestInit, { record }: Held): Promise<Response> {
    const headers = new Headers(init.headers ?? (isRequest(target) ? target.headers : undefined))
    headers.set("Authorization", `Bearer ${record.access_token}`)
    try {
      return await fetch(isRequest(target) ? target.clone() : target, { ...init, headers })
    } catch (cause) {
      const isAborted = init.signal?.aborted || (isRequest(target) && target.signal?.aborted)
      throw isAborted ? cause : new NetworkError("offline", { cause })
    }
  }

  /** A bare 401 is taken as one about the token only while nobody knows how old the token is. */
  async function isTokenRefused(response: Response, held: Held): Promise<boolean> {
    if (response.status !== 401) return false
    const lateError = () => new NetworkError("timeout")
    const answer = await limited(clock, () => isAboutToken(response), { timeoutMs, lateError }).catch(
      () => undefined,
    )
    return answer ?? held.life === undefined
  }
}

const isRequest = (input: string | URL | Request): input is Request =>
  typeof input === "object" && "url" in input

const isStream = (body: unknown): boolean =>
  typeof ReadableStream !== "undefined" && body instanceof ReadableStream
