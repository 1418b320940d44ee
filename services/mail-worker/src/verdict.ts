import { InvalidMailError } from "@gatepost/mail-queue"

/** How an attempt ended. A reason is stored and logged: it holds nothing of what the mail says. */
export type Verdict =
  | { kind: "sent"; serverId: string | undefined }
  /** The mail itself was refused: no further attempt can help. */
  | { kind: "refused"; reason: string }
  | { kind: "retry"; reason: string }
  /** Expired, or taken over by another worker, before it left. */
  | { kind: "withdrawn" }

/** Thrown to hold a mail back at the last instant. */
export class WithdrawnError extends Error {
  override readonly name = "WithdrawnError"
}

interface SmtpError extends Error {
  code?: string
  /** Where the dialogue stood, such as `RCPT TO`. */
  command?: string
  responseCode?: number
  response?: string
  permanent?: boolean
}

// Refusals of the envelope or of the message. A 5xx to the greeting or to AUTH speaks of us, not of this
// mail, and an operator can mend it.
const ABOUT_THE_MAIL = new Set(["EENVELOPE", "EMESSAGE"])
// RFC 4954 section 6: authentication required, failed, or too weak.
const ABOUT_OUR_LOGIN = new Set([530, 534, 535, 538])
const MAX_RESPONSE_LENGTH = 200

/** Reads the truth out of whatever an attempt threw. In doubt a mail is tried again (DELIVERY.md 5.5). */
export function verdictOf(cause: unknown): Verdict {
  if (cause instanceof WithdrawnError) return { kind: "withdrawn" }
  if (cause instanceof InvalidMailError) return { kind: "refused", reason: cause.message }
  const error = cause as SmtpError
  const refused =
    error.permanent === true &&
    ABOUT_THE_MAIL.has(error.code ?? "") &&
    !ABOUT_OUR_LOGIN.has(error.responseCode ?? 0)
  return { kind: refused ? "refused" : "retry", reason: reasonOf(error) }
}

function reasonOf({ code, command, responseCode, response, message }: SmtpError): string {
  if (!code) return `not sent: ${message}`
  // Check 106: once the server has seen the mail, its answer may quote it. Codes tell enough then.
  const answer = command === "DATA" ? enhancedCode(response) : oneLine(response)
  return ["SMTP", code, command, answer || responseCode].filter(Boolean).join(" ")
}

const enhancedCode = (response = "") => /^\d{3}([ -]\d\.\d{1,3}\.\d{1,3})?/.exec(response)?.[0]

// Servers like to repeat the address: it stands in the mail's row, and not in our logs.
const oneLine = (response = "") =>
  response
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .replace(/[^\s<>]+@[^\s<>]+/g, "…")
    .slice(0, MAX_RESPONSE_LENGTH)
