import type { MailKind } from "@gatepost/contracts"
import type { Outbox } from "@gatepost/mail-queue"
import { sha256 } from "@gatepost/runtime"
import { countersRepository } from "../sign-in-guard/index.js"

// SECURITY.md section 2: to one address, over all kinds.
const PER_DAY = 20
const DAY = 86_400

/** What somebody else can have sent to an address. Notices go out always: they tell of what was done, and count. */
export const ASKED_FOR: readonly MailKind[] = [
  "verify-email",
  "reset-password",
  "confirm-new-email",
  "sign-in-link",
]

/** An outbox that sends nobody more than twenty mails a day, whoever asks for them and by whatever way (check 57). */
export function withMailBudget(outbox: Outbox): Outbox {
  return {
    async enqueue(trx, mail) {
      const key = `mail ${sha256(mail.recipient.toLowerCase()).toString("base64url")}`
      const [count] = await countersRepository(trx).countAll([{ key, points: PER_DAY, perSeconds: DAY }])
      if ((count?.points ?? 0) > PER_DAY && ASKED_FOR.includes(mail.kind)) return undefined
      return outbox.enqueue(trx, mail)
    },
  }
}
