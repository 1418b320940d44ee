import { composeMessage } from "./compose-message.js"
import { createDkim } from "./dkim.js"
import type { DkimKey } from "./dkim-key.js"
import { createSlots } from "./slots.js"
import { readSmtpFailure } from "./smtp-answer.js"
import { type Patience, type SmtpOptions, smtpOptions } from "./smtp-options.js"
import { openSmtpSession, type SmtpError, type SmtpOutcome, type SmtpSession } from "./smtp-session.js"
import type { MailTransport } from "./transport.js"

// Servers count what comes over one connection, and some let a long one starve.
const MAILS_PER_SESSION = 100
const IDLE_MS = 60_000

/**
 * A pool of connections to one SMTP server.
 *
 * @param url as for `smtpOptions`, and with `?idempotency_header=Resend-Idempotency-Key` or the like
 * @param options.connections at most; whoever finds none free waits
 */
export function createSmtpTransport(
  url: string,
  {
    connections = 10,
    dkim,
    patience,
  }: { connections?: number; dkim?: DkimKey | undefined; patience?: Patience } = {},
): MailTransport {
  const options = smtpOptions(url, patience)
  const sign = createDkim(dkim)
  const pool = createPool(options)
  const inSlot = createSlots(connections)
  // Some providers drop a second copy that comes by SMTP, too, known by a header of theirs.
  const idempotencyHeader = new URL(url).searchParams.get("idempotency_header")

  return {
    name: new URL(url).host,
    idempotent: idempotencyHeader !== null,
    async send(mail, handOff) {
      const composed = composeMessage(mail, idempotencyHeader ? { [idempotencyHeader]: mail.id } : {})
      const message = { ...composed, content: await sign(mail.from.address, composed.content) }
      const outcome = await inSlot(async () => {
        const first = await pool.use((session) => session.send(message, handOff))
        if (!first.reused || !isConnectionLost(first)) return first
        // A server may end a connection that was idle, and we learn of it by using it.
        return pool.useNew((session) => session.send(message, handOff))
      })
      if ("error" in outcome) return readSmtpFailure(outcome.error, outcome.bodyLeft)
      return { kind: "accepted", serverId: outcome.serverId }
    },
    sessions: pool.size,
    close: pool.close,
  }
}

type PoolOutcome = SmtpOutcome & { reused: boolean }

function createPool(options: SmtpOptions) {
  const idle: { session: SmtpSession; since: number }[] = []
  let inUse = 0
  let closed = false
  const sweep = setInterval(closeIdle, IDLE_MS / 2).unref()

  function closeIdle(): void {
    const limit = closed ? Number.POSITIVE_INFINITY : Date.now() - IDLE_MS
    while (idle[0] && idle[0].since <= limit) idle.shift()?.session.close()
  }

  /** The one used last: the others grow old and are closed. */
  function takeIdle(): SmtpSession | undefined {
    for (let last = idle.pop(); last; last = idle.pop()) if (last.session.isOpen()) return last.session
    return undefined
  }

  async function run(session: SmtpSession, work: (session: SmtpSession) => Promise<SmtpOutcome>) {
    const reused = session.mails > 0
    inUse++
    const outcome = await work(session).finally(() => inUse--)
    if (!closed && session.isOpen() && session.mails < MAILS_PER_SESSION) {
      idle.push({ session, since: Date.now() })
    } else session.close()
    return { ...outcome, reused }
  }

  async function useNew(work: (session: SmtpSession) => Promise<SmtpOutcome>): Promise<PoolOutcome> {
    let session: SmtpSession
    try {
      session = await openSmtpSession(options)
    } catch (cause) {
      return { error: cause as SmtpError, bodyLeft: false, reused: false }
    }
    return run(session, work)
  }

  return {
    size: () => idle.length + inUse,
    useNew,
    use(work: (session: SmtpSession) => Promise<SmtpOutcome>): Promise<PoolOutcome> {
      const session = takeIdle()
      return session ? run(session, work) : useNew(work)
    },
    close() {
      closed = true
      clearInterval(sweep)
      closeIdle()
    },
  }
}

const isConnectionLost = (outcome: PoolOutcome) =>
  "error" in outcome && !outcome.bodyLeft && outcome.error.code !== "EENVELOPE"
