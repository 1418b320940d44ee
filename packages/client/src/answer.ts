import { ApiError, NetworkError, type Problem } from "./errors.js"
import { type Accept, isObject, isText } from "./wire.js"

/**
 * What a response says. Only what is recognisably ours counts, whatever its status.
 *
 * @throws ApiError for a problem, NetworkError for all else that is not the answer
 */
export async function readAnswer<Answer>(response: Response, accept: Accept<Answer>): Promise<Answer> {
  const { status } = response
  const body = await readJson(response)
  if (response.ok && accept(body)) return body
  const retryAfterSeconds = readRetryAfter(response.headers)
  if (isProblem(body, status)) throw new ApiError(body, retryAfterSeconds)
  throw new NetworkError("unusable-answer", { status, retryAfterSeconds })
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text().catch((cause) => {
    throw new NetworkError("offline", { cause })
  })
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isProblem = (body: unknown, status: number): body is Problem =>
  isObject(body) && body.status === status && status >= 400 && isText(body.code) && isText(body.title)

/** A date is read by the server's own clock, since ours may be wrong. */
function readRetryAfter(headers: Headers): number | undefined {
  const value = headers.get("retry-after") ?? ""
  if (/^\d+$/.test(value)) return Number(value)
  const seconds = (Date.parse(value) - Date.parse(headers.get("date") ?? "")) / 1000
  return seconds > 0 ? Math.ceil(seconds) : undefined
}

// Of our API, of its prefix-less dialect, of the token verifier, and of RFC 6750.
const REFUSED_TOKEN = new Set(["token.invalid", "token_invalid", "token_expired", "invalid_token"])

/** Whether a 401 is about the access token; `undefined` if it doesn't say what it is about. */
export async function isAboutToken(response: Response): Promise<boolean | undefined> {
  const challenge = response.headers.get("www-authenticate") ?? ""
  if (/\berror="?invalid_token\b/.test(challenge)) return true
  const body = await readJson(response.clone())
  const code = isObject(body) ? (body.code ?? body.error) : undefined
  return isText(code) ? REFUSED_TOKEN.has(code) : undefined
}
