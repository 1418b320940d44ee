import { laneOf, policyOf } from "@gatepost/contracts"
import { type Db, prepared } from "@gatepost/postgres"
import { newId, type Sealer } from "@gatepost/runtime"
import { currentTraceparent } from "@gatepost/tracing"
import { isSingleAddress } from "./address.js"
import { InvalidMailError, type MailContent, sealContent } from "./payloads.js"

/** One mail to one address. */
export type OutgoingMail = MailContent & {
  /** A bare address, such as `jane@example.com`. */
  recipient: string
  /** A language tag such as `en` or `de-AT`; English where a text is missing. */
  locale?: string | undefined
  /** After this it is worthless and is not sent any more: the lifetime of its link or code. */
  expiresInSeconds: number
  /** How long it waits before it is sent; not at all without. */
  delaySeconds?: number | undefined
  /** Of several mails with the same key only the first exists. */
  dedupKey?: string | undefined
}

export interface Outbox {
  /**
   * Writes a mail in the caller's transaction: it is sent when that commits, and never existed when it
   * rolls back. Nobody waits for SMTP.
   *
   * @returns the mail's id; undefined when the same `dedupKey` was used before
   * @throws InvalidMailError before anything is written
   */
  enqueue(trx: Db, mail: OutgoingMail): Promise<string | undefined>
}

const LANGUAGE_TAG = /^[a-z]{2,8}(-[a-z0-9]{1,8}){0,4}$/i
const MAX_DEDUP_KEY_LENGTH = 200

// The services' roles may read nothing back, so it says no more than that it was written.
const INSERT = `
  insert into mail.messages
    (id, kind, lane, policy, recipient, locale, payload, message_id, dedup_key, expires_at, not_before, traceparent)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + make_interval(secs => $10),
    now() + make_interval(secs => $11), $12)
  on conflict do nothing returning true as inserted`

/** @param options.messageIdDomain what stands after the @ of each Message-ID, such as `mail.example.com` */
export function createOutbox(options: { sealer: Sealer; messageIdDomain: string }): Outbox {
  const { sealer, messageIdDomain } = options
  if (!isSingleAddress(`id@${messageIdDomain}`)) throw new TypeError("messageIdDomain must be a domain")

  return {
    async enqueue(trx, mail) {
      assertSendable(mail)

      const id = newId()
      const inserted = await prepared(trx, {
        name: "mail_enqueue",
        text: INSERT,
        values: [
          id,
          mail.kind,
          laneOf(mail.kind),
          policyOf(mail.kind),
          mail.recipient,
          mail.locale ?? null,
          sealContent(sealer, id, mail),
          // Stable over every attempt, so that stores which know duplicates can drop the second copy.
          `<${id}@${messageIdDomain}>`,
          mail.dedupKey ?? null,
          mail.expiresInSeconds,
          mail.delaySeconds ?? 0,
          currentTraceparent() ?? null,
        ],
      })
      return inserted.length === 1 ? id : undefined
    },
  }
}

function assertSendable(mail: OutgoingMail): void {
  const { recipient, locale, expiresInSeconds, delaySeconds = 0, dedupKey } = mail
  const refuse = (reason: string) => {
    throw new InvalidMailError(reason)
  }
  if (!isSingleAddress(recipient)) refuse("the recipient must be one bare address")
  if (locale !== undefined && !LANGUAGE_TAG.test(locale)) refuse("the locale must be a language tag")
  if (!(expiresInSeconds > 0 && Number.isFinite(expiresInSeconds)))
    refuse("expiresInSeconds must be positive")
  if (!(delaySeconds >= 0 && Number.isFinite(delaySeconds))) refuse("delaySeconds must not be negative")
  if ((dedupKey?.length ?? 0) > MAX_DEDUP_KEY_LENGTH) refuse("the dedupKey is too long")
}
