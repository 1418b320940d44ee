import type { SMTPPoolOptions } from "nodemailer"

// A dead server shows within these; after the body it may think for long (see transport.ts).
const CONNECT_TIMEOUT_MS = 5_000
const GREETING_TIMEOUT_MS = 5_000

/**
 * Reads an SMTP URL. Check 105: TLS with a checked certificate, but to loopback, where nobody is between,
 * or with `?tls=none`.
 *
 * @param url `smtp://user:password@host:port` (STARTTLS) or `smtps://…` (TLS from the first byte)
 */
export function smtpOptions(url: string): SMTPPoolOptions {
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
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: GREETING_TIMEOUT_MS,
  }
}

/** Whether an SMTP URL does without TLS by saying so. */
export const isPlain = (url: string): boolean => new URL(url).searchParams.get("tls") === "none"

const isLoopback = (host: string) =>
  host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host)
