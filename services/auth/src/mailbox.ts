import { createOutbox, type Outbox } from "@gatepost/mail-queue"
import { type Sealer, systemClock } from "@gatepost/runtime"
import { isGuestEmail } from "./modules/accounts/index.js"
import { withMailBudget, withMailPace } from "./modules/mail-budget/index.js"

/** The outbox of this service: nobody gets too much of it, and guests, whose address is no mailbox, nothing. */
export function openMailbox(options: {
  sealer: Sealer
  publicUrl: string
  isLimited: boolean
  perMinute: number
}): Outbox {
  const outbox = createOutbox({
    sealer: options.sealer,
    messageIdDomain: new URL(options.publicUrl).hostname,
  })
  const paced = () => withMailPace(outbox, { perMinute: options.perMinute, clock: systemClock })
  const { enqueue } = options.isLimited ? withMailBudget(paced()) : outbox
  return { enqueue: async (trx, mail) => (isGuestEmail(mail.recipient) ? undefined : enqueue(trx, mail)) }
}
