import { createOutbox, type Outbox } from "@gatepost/mail-queue"
import type { Sealer } from "@gatepost/runtime"
import { isGuestEmail } from "./modules/accounts/index.js"
import { withMailBudget } from "./modules/mail-budget/index.js"

/** The outbox of this service: nobody gets too much of it, and guests, whose address is no mailbox, nothing. */
export function openMailbox(options: { sealer: Sealer; publicUrl: string; isLimited: boolean }): Outbox {
  const outbox = createOutbox({
    sealer: options.sealer,
    messageIdDomain: new URL(options.publicUrl).hostname,
  })
  const { enqueue } = options.isLimited ? withMailBudget(outbox) : outbox
  return { enqueue: async (trx, mail) => (isGuestEmail(mail.recipient) ? undefined : enqueue(trx, mail)) }
}
