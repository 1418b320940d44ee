import type { MailTransport, SendResult, WireMail } from "./transport.js"

// The provider answers once it has stored the mail; whoever waits for less asks twice, and is told the same.
const ANSWER_TIMEOUT_MS = 30_000

/** What differs between providers. */
interface Dialect {
  path(configured: string): string
  body(mail: WireMail): object
  /** What the provider calls the mail. */
  idOf(answer: Record<string, unknown>): unknown
}

const dialects: Record<string, Dialect> = {
  // https://resend.com/docs/api-reference/emails/send-email
  resend: {
    path: () => "/emails",
    body: ({ from, to, subject, html, text, messageId, headers }) => ({
      from: `${JSON.stringify(from.name)} <${from.address}>`,
      to: [to],
      subject,
      html,
      text,
      headers: { ...headers, "Message-ID": messageId },
    }),
    idOf: ({ id }) => id,
  },
  // https://learn.emailengine.app/docs/api/post-v-1-account-account-submit; the account is part of the URL.
  emailengine: {
    path: (configured) => configured,
    body: ({ from, to, subject, html, text, messageId, date, headers }) => ({
      from,
      to: [{ name: "", address: to }],
      subject,
      html,
      text,
      messageId,
      headers: { ...headers, Date: date.toUTCString() },
    }),
    idOf: ({ queueId }) => queueId,
  },
}

/** The schemes of URLs that name a provider's API, such as `resend+https`. */
export const providerSchemes = Object.keys(dialects).flatMap((name) => [`${name}+https`, `${name}+http`])

/**
 * A provider that takes mails by HTTP and remembers for a day which ones it has: each is sent with its row's id as
 * `Idempotency-Key`, so that whatever nobody could know is asked again, and nothing arrives twice.
 *
 * @param url `resend+https://:<api key>@api.resend.com`
 */
export function createHttpTransport(url: string): MailTransport {
  const [provider = "", address = ""] = url.split("+", 2)
  const dialect = dialects[provider]
  if (!dialect) throw new TypeError(`there is no mail provider ${provider}`)
  const { origin, pathname, password } = new URL(address)
  const target = `${origin}${dialect.path(pathname)}`

  return {
    name: `${provider} at ${new URL(address).host}`,
    idempotent: true,
    async send(mail, handOff) {
      await handOff()
      try {
        const response = await fetch(target, {
          method: "POST",
          headers: {
            Authorization: `Bearer ${decodeURIComponent(password)}`,
            "Content-Type": "application/json",
            "Idempotency-Key": mail.id,
          },
          body: JSON.stringify(dialect.body(mail)),
          redirect: "manual",
          signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
        })
        return readAnswer(response, await readJson(response), dialect)
      } catch (cause) {
        return readFailure(cause)
      }
    },
    sessions: () => 0,
    close() {},
  }
}

type Answer = Record<string, unknown>

const MAX_ANSWER_BYTES = 64 * 1024

/** Empty where it is no JSON object, or longer than any that we understand. */
async function readJson(response: Response): Promise<Answer> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > MAX_ANSWER_BYTES) return {}
    chunks.push(chunk)
  }
  try {
    const answer: unknown = JSON.parse(Buffer.concat(chunks).toString())
    return typeof answer === "object" && answer !== null ? (answer as Answer) : {}
  } catch {
    return {}
  }
}

// Of the mail itself; what else there is in 4xx speaks of us: our key, our domain, our quota.
const ABOUT_THE_MAIL = new Set([400, 413, 422])
// https://resend.com/docs/api-reference/errors: it was sent before, worded by an older version of ours.
const KNOWN_OTHERWISE = "invalid_idempotent_request"

function readAnswer(response: Response, answer: Answer, dialect: Dialect): SendResult {
  const { status, ok } = response
  const code = typeof answer.name === "string" ? answer.name : ""
  // Check 106: the provider's words may quote the mail.
  const reason = ["HTTP", status, /^[a-z_]{1,50}$/.test(code) ? code : ""].filter(Boolean).join(" ")
  if (code === KNOWN_OTHERWISE) return { kind: "accepted", serverId: undefined }
  if (ok) {
    const id = dialect.idOf(answer)
    // Somebody on the way may say 200 who is not the provider; whether it has the mail is asked again.
    return typeof id === "string" ? { kind: "accepted", serverId: id } : { kind: "unanswered", reason }
  }
  if (ABOUT_THE_MAIL.has(status)) return { kind: "refused", reason, bounced: false }
  const waitSeconds = waitOf(response)
  // The first request with this key is still being worked on.
  if (status === 409) return { kind: "deferred", reason, waitSeconds }
  if (status < 500) return { kind: "unavailable", reason, waitSeconds }
  return { kind: "unanswered", reason }
}

function waitOf(response: Response): number {
  const seconds = Number(response.headers.get("Retry-After"))
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), 300) : 0
}

// Where there was no connection, nothing went over it.
const NOT_CONNECTED = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
])

function readFailure(cause: unknown): SendResult {
  const inner = cause instanceof Error ? (cause.cause as { code?: string } | undefined) : undefined
  const code = inner?.code ?? (cause instanceof Error ? cause.name : "failed")
  const reason = `HTTP ${code}`
  return NOT_CONNECTED.has(code) ? { kind: "unavailable", reason } : { kind: "unanswered", reason }
}
