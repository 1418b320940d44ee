import { laneOf } from "@gatepost/contracts"
import type { Db } from "@gatepost/postgres"
import { newId, type Sealer } from "@gatepost/runtime"
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

/** @param options.messageIdDomain what stands after the @ of each Message-ID, such as `mail.example.com` */
export function createOutbox(options: { sealer: Sealer; messageIdDomain: string }): Outbox {
  const { sealer, messageIdDomain } = options
  if (!isSingleAddress(`id@${messageIdDomain}`)) throw new TypeError("messageIdDomain must be a domain")

  return {
    async enqueue(trx, mail) {
      assertSendable(mail)

      const id = newId()
      const payload = sealContent(sealer, id, mail)
      const inserted = await trx.raw(
        `insert into mail.messages
           (id, kind, lane, recipient, locale, payload, message_id, dedup_key, expires_at)
         values
           (:id, :kind, :lane, :recipient, :locale, :payload, :messageId, :dedupKey,
            now() + make_interval(secs => :expiresInSeconds))
         on conflict do nothing`,
        {
          id,
          kind: mail.kind,
          lane: laneOf(mail.kind),
          recipient: mail.recipient,
          locale: mail.locale ?? null,
          payload,
          // Stable over every attempt, so that stores which know duplicates can drop the second copy.
          messageId: `<${id}@${messageIdDomain}>`,
          dedupKey: mail.dedupKey ?? null,
          expiresInSeconds: mail.expiresInSeconds,
        },
      )
      return inserted.rowCount === 1 ? id : undefined
    },
  }
}

function assertSendable({ recipient, locale, expiresInSeconds, dedupKey }: OutgoingMail): void {
  const refuse = (reason: string) => {
    throw new InvalidMailError(reason)
  }
  if (!isSingleAddress(recipient)) refuse("the recipient must be one bare address")
  if (locale !== undefined && !LANGUAGE_TAG.test(locale)) refuse("the locale must be a language tag")
  if (!(expiresInSeconds > 0 && Number.isFinite(expiresInSeconds)))
    refuse("expiresInSeconds must be positive")
  if ((dedupKey?.length ?? 0) > MAX_DEDUP_KEY_LENGTH) refuse("the dedupKey is too long")
}
