import type { SmtpError } from "./smtp-session.js"
import type { SendResult } from "./transport.js"

// RFC 4954 section 6: authentication required, failed, or too weak. They speak of us, not of the mail.
const ABOUT_OUR_LOGIN = new Set([530, 534, 535, 538])
// RFC 5321 section 4.2.2: no such mailbox, not here, or no name for one.
const NO_MAILBOX = new Set([550, 551, 553])
// RFC 3463 section 3.2: of the X.1.X codes, those of the recipient's address.
const BAD_ADDRESS = /^5\.1\.(1|2|3|4|6|10)$/
// A greylist lets nobody in sooner.
const GREYLIST_SECONDS = 60
const MAX_RESPONSE_LENGTH = 200

/**
 * Reads the truth out of a failure (DELIVERY.md 5.5). Only an answer to the mail itself says what became of
 * it: after the body anything else leaves it open, before the body it was provably not sent.
 */
export function readSmtpFailure(error: SmtpError, bodyLeft: boolean): SendResult {
  const reason = reasonOf(error)
  const { code, command, responseCode } = error
  if (bodyLeft && !(code === "EMESSAGE" && isRefusal(responseCode))) return { kind: "unanswered", reason }
  if (!isRefusal(responseCode) || !isAboutTheMail(error)) {
    // An address that nodemailer itself refuses to write.
    if (code === "EENVELOPE" && command === "API") return { kind: "refused", reason, bounced: false }
    return { kind: "unavailable", reason }
  }
  if (error.permanent) return { kind: "refused", reason, bounced: isBounce(error) }
  return { kind: "deferred", reason, ...(command === "RCPT TO" && { waitSeconds: GREYLIST_SECONDS }) }
}

const isRefusal = (code = 0) => code >= 400 && code < 600

/** A refusal of the envelope or of the message; 421 before the body is the server going away. */
function isAboutTheMail({ code, responseCode = 0 }: SmtpError): boolean {
  if (code === "EMESSAGE") return true
  return code === "EENVELOPE" && responseCode !== 421 && !ABOUT_OUR_LOGIN.has(responseCode)
}

function isBounce({ command, responseCode = 0, response }: SmtpError): boolean {
  if (command !== "RCPT TO") return false
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})/.exec(response ?? "")?.[1]
  return enhanced ? BAD_ADDRESS.test(enhanced) : NO_MAILBOX.has(responseCode)
}

function reasonOf({ code, command, responseCode, response, message }: SmtpError): string {
  if (!code) return `not sent: ${oneLine(message)}`
  // Check 106: once the server has seen the mail, its answer may quote it. Codes tell enough then.
  const answer = command === "DATA" ? enhancedCode(response) : oneLine(response)
  return ["SMTP", code, command, answer || responseCode].filter(Boolean).join(" ")
}

const enhancedCode = (response = "") => /^\d{3}([ -]\d\.\d{1,3}\.\d{1,3})?/.exec(response)?.[0]

// Servers like to repeat the address: it stands in the mail's row, and not in our logs.
const oneLine = (response = "") =>
  response
    .slice(0, 10 * MAX_RESPONSE_LENGTH)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .replace(/[^\s<>]+@[^\s<>]+/g, "…")
    .slice(0, MAX_RESPONSE_LENGTH)
