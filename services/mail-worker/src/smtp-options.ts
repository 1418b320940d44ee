import { isLoopback } from "@gatepost/runtime"
import type { SMTPConnectionOptions } from "nodemailer/lib/smtp-connection"

/** How long a server may take. */
export interface Patience {
  /** To let us connect, and to greet us. */
  connectMs: number
  /** For all that comes before a mail's first byte. */
  beforeBodyMs: number
  /** To answer a whole mail. */
  answerMs: number
}

// A dead server shows early; but who waits for less than this after the final dot makes doubles (RFC 5321
// section 4.5.3.2.6).
const PATIENCE: Patience = { connectMs: 5_000, beforeBodyMs: 15_000, answerMs: 600_000 }

export type SmtpOptions = SMTPConnectionOptions & {
  auth?: { user: string; pass: string }
  patience: Patience
}

/**
 * Reads an SMTP URL. Check 105: TLS with a checked certificate, but to loopback, where nobody is between,
 * or with `?tls=none`.
 *
 * @param url `smtp://user:password@host:port` (STARTTLS) or `smtps://…` (TLS from the first byte)
 */
export function smtpOptions(url: string, patience = PATIENCE): SmtpOptions {
  const { protocol, hostname, port, username, password } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, "")
  const secure = protocol === "smtps:"
  const plain = isPlain(url)
  const loopback = isLoopback(host)

  return {
    host,
    port: port ? Number(port) : secure ? 465 : 587,
    secure,
    requireTLS: !(secure || plain || loopback),
    ignoreTLS: plain,
    ...(loopback && { tls: { rejectUnauthorized: false } }),
    ...(username && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    connectionTimeout: patience.connectMs,
    greetingTimeout: patience.connectMs,
    patience,
  }
}

/** Whether a transport's URL does without TLS by saying so. */
export function isPlain(text: string | undefined): boolean {
  if (text === undefined) return false
  const url = new URL(text)
  return url.searchParams.get("tls") === "none" || url.protocol.endsWith("+http:")
}
