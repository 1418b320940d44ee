import { Readable } from "node:stream"
import { createTransport, type PluginFunction, type SendMailOptions } from "nodemailer"
import { createDkim } from "./dkim.js"
import type { DkimKey } from "./dkim-key.js"
import { smtpOptions } from "./smtp-options.js"

/** One mail as it goes over the wire. */
export interface WireMail {
  /** Its row's. */
  id: string
  from: { name: string; address: string }
  /** One bare address, checked by the caller. */
  to: string
  subject: string
  html: string
  text: string
  messageId: string
  date: Date
  /** Beside the usual ones. */
  headers: Record<string, string>
}

export interface MailTransport {
  /**
   * Sends one mail, or fails with nodemailer's error.
   *
   * @param beforeBody awaited when the server has said 354, before the first byte of the mail: what it
   *   throws is thrown here, and the server has nothing
   * @returns the id the server gave it, if it named one
   */
  send(mail: WireMail, beforeBody: () => Promise<void>): Promise<{ serverId: string | undefined }>
  /** Closes idle connections now, the others when they are done. */
  close(): void
}

const ENVELOPE_TIMEOUT_MS = 15_000
// RFC 5321 section 4.5.3.2.6: whoever waits for less after the final dot makes doubles.
const BODY_TIMEOUT_MS = 600_000

/** @param options.connections how many mails may be under way at once; a mail never waits for a connection */
export function createMailTransport(options: {
  url: string
  connections: number
  dkim?: DkimKey | undefined
}): MailTransport {
  const signerOf = createDkim(options.dkim)
  const mailer = createTransport({
    ...smtpOptions(options.url),
    pool: true,
    maxConnections: options.connections,
    // The mail's row owns every retry; the pool's own would hide them (DELIVERY.md, nodemailer facts).
    maxRequeues: 0,
    // Check 104.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  mailer.use("stream", holdBody)

  return {
    async send({ id, from, to, ...mail }, beforeBody) {
      const deadline = createDeadline()
      deadline.set(ENVELOPE_TIMEOUT_MS)
      const held: HeldMail = {
        ...mail,
        from,
        // Check 102, M16: an address as text could become two.
        to: { name: "", address: to },
        // Every attempt makes the same bytes.
        baseBoundary: id,
        dkim: signerOf(from.address),
        signal: deadline.signal,
        async beforeBody() {
          await beforeBody()
          deadline.set(BODY_TIMEOUT_MS)
        },
      }
      try {
        const info = await mailer.sendMail(held)
        return { serverId: info.serverMessageId }
      } finally {
        deadline.clear()
      }
    },
    close: () => mailer.close(),
  }
}

type HeldMail = SendMailOptions & { baseBoundary: string; beforeBody(): Promise<void> }

/** SMTP reads the mail only after the server's 354, so its first read is the last moment to hold it back. */
const holdBody: PluginFunction = (mail, done) => {
  const { beforeBody } = mail.data as HeldMail
  const open = mail.message.createReadStream.bind(mail.message)
  async function* body(): AsyncGenerator<Buffer> {
    await beforeBody()
    yield* open()
  }
  mail.message.createReadStream = () => Readable.from(body(), { objectMode: false })
  done()
}

function createDeadline() {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const clear = () => clearTimeout(timer)
  return {
    signal: controller.signal,
    set(ms: number) {
      clear()
      timer = setTimeout(() => controller.abort(), ms)
    },
    clear,
  }
}
