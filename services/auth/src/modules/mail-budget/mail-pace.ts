import type { Outbox } from "@gatepost/mail-queue"
import type { Clock } from "@gatepost/runtime"
import { ASKED_FOR } from "./mail-budget.js"

const MINUTE_MS = 60_000
// Of what a mail's link or code is good for: later it would arrive dead.
const LONGEST_SHARE = 0.25

/**
 * An outbox that sends so many mails a minute of those that anybody can ask for, and has the others wait for their
 * turn: a flood of requests from everywhere becomes no flood of mails, which would cost the sender its good name
 * (SECURITY.md section 2). None is refused, nor so late that it is of no use, nor are notices delayed.
 *
 * @param options.perMinute at once, and from then on evenly, by this process
 */
export function withMailPace(outbox: Outbox, options: { perMinute: number; clock: Clock }): Outbox {
  const { perMinute, clock } = options
  const each = MINUTE_MS / perMinute
  /** When all that was sent would have been, one after the other (milliseconds since 1970). */
  let busyUntil = 0

  return {
    async enqueue(trx, mail) {
      if (!ASKED_FOR.includes(mail.kind)) return outbox.enqueue(trx, mail)
      const now = clock.now()
      busyUntil = Math.max(busyUntil, now) + each
      const turnSeconds = Math.max(0, busyUntil - now - MINUTE_MS) / 1000
      const delaySeconds = Math.min(turnSeconds, LONGEST_SHARE * mail.expiresInSeconds)
      return outbox.enqueue(trx, { ...mail, delaySeconds })
    },
  }
}
