import { type Claim, InvalidMailError } from "@gatepost/mail-queue"
import { composeMail } from "./compose-mail.js"
import type { Delivery } from "./delivery.js"
import type { Heartbeat } from "./heartbeat.js"
import { createSettle, type SettleOptions, type Verdict } from "./settle.js"

/** `skipped`: there was nothing to do, since another has the mail, it is suppressed, or at its end. */
export type SendOutcome = Verdict | { kind: "skipped" | "unknown-mail" }

export type SendMail = (id: string, options: { takeOver: boolean }) => Promise<SendOutcome>

/** Makes the one thing this service does: claim a mail, render it, send it, store what became of it. */
export function createSendMail(
  options: { delivery: Delivery; heartbeat: Heartbeat } & SettleOptions,
): SendMail {
  const { claims, delivery, heartbeat } = options
  const settle = createSettle(options)

  return async (id, { takeOver }) => {
    const claim = await claims.claim(id, { takeOver })
    if (!claim) return { kind: (await claims.exists(id)) ? "skipped" : "unknown-mail" }

    return heartbeat.during(claim, async () => {
      const verdict = await attempt(claim)
      await settle(claim, verdict)
      return verdict
    })
  }

  async function attempt(claim: Claim): Promise<Verdict> {
    try {
      const mail = composeMail(claim, claims.open(claim))
      return await delivery.deliver(mail, {
        only: claim.policy === "once" ? claim.boundTo : undefined,
        async handOff({ name, idempotent }) {
          // Check 107, and the fence against a worker that slept while another took over.
          if (!(await claims.handOff(claim, { transport: name, idempotent }))) throw new WithdrawnError()
        },
      })
    } catch (cause) {
      if (cause instanceof WithdrawnError) return { kind: "withdrawn" }
      if (cause instanceof InvalidMailError) return { kind: "refused", reason: cause.message, bounced: false }
      // Nothing has left: what comes before the hand-over is thrown, what comes after it is a result.
      return { kind: "unavailable", reason: `not sent: ${cause instanceof Error ? cause.message : cause}` }
    }
  }
}

/** Thrown to hold a mail back at the last instant. */
class WithdrawnError extends Error {
  override readonly name = "WithdrawnError"
}
