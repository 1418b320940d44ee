import type { Lane } from "@gatepost/contracts"
import type { Claim, Claims } from "@gatepost/mail-queue"
import type { Logger } from "@gatepost/runtime"
import { composeMail } from "./compose-mail.js"
import { createSettle } from "./settle.js"
import type { MailTransport } from "./transport.js"
import { type Verdict, verdictOf, WithdrawnError } from "./verdict.js"

/** `skipped`: there was nothing to do, since another has the mail or it is at its end. */
export type SendOutcome = Verdict | { kind: "skipped" | "unknown-mail" }

export type SendMail = (id: string, options: { takeOver: boolean }) => Promise<SendOutcome>

/**
 * Makes the one thing this service does: claim a mail, render it, send it, store what became of it.
 *
 * @param options.renewEveryMs how often a mail that is being sent shows a sign of life; well below the
 *   sweeper's limit
 */
export function createSendMail(options: {
  claims: Claims
  transports: Record<Lane, MailTransport>
  renewEveryMs: number
  logger: Logger
}): SendMail {
  const { claims, transports, renewEveryMs } = options
  const settle = createSettle(options)

  return async (id, { takeOver }) => {
    const claim = await claims.claim(id, { takeOver })
    if (!claim) return { kind: (await claims.exists(id)) ? "skipped" : "unknown-mail" }

    // A renewal that fails is made good by the next one, and by `confirm` in any case.
    const renewal = setInterval(() => void claims.renew(claim).catch(() => {}), renewEveryMs)
    try {
      const verdict = await attempt(claim)
      await settle(claim, verdict)
      return verdict
    } finally {
      clearInterval(renewal)
    }
  }

  async function attempt(claim: Claim): Promise<Verdict> {
    try {
      const mail = composeMail(claim, claims.open(claim))
      const { serverId } = await transports[claim.lane].send(mail, async () => {
        // Check 107, and the fence against a worker that slept while another took over.
        if (!(await claims.confirm(claim))) throw new WithdrawnError("expired, or no longer ours")
      })
      return { kind: "sent", serverId }
    } catch (cause) {
      return verdictOf(cause)
    }
  }
}
