import { InvalidMailError, type Outbox } from "@gatepost/mail-queue"
import type { Database, Db } from "@gatepost/postgres"
import { contactsRepository } from "../contacts/index.js"
import { modesOf, preferencesRepository } from "../preferences/index.js"
import type { Delivery, Outcome, StoredMessage } from "./channels.types.js"
import { deliveriesRepository } from "./deliveries.repository.js"
import { grouped } from "./grouped.js"
import { type Correspondents, letterOf } from "./letters.js"

export interface MailerDeps {
  database: Database
  outbox: Outbox
  publicUrl: string
  /** Which of these notifications of a user are still to be seen. */
  listUnread(trx: Db, userId: string, ids: string[]): Promise<string[]>
}

const BATCH = 20
const MAX_COLLECTED = 500
const MAIL_TTL_SECONDS = 86_400
// The auth service tells of people and apps within a second; where it is away, this long is waited.
const WAIT_SECONDS = 30
const PATIENCE_MS = 3_600_000

/**
 * Hands notifications to the mail pipeline. The mail's row and the end of its deliveries are one transaction, so each
 * is mailed once, whoever dies when (DESIGN.md D9, D17).
 */
export function createMailer({ database, outbox, publicUrl, listUnread }: MailerDeps) {
  return {
    /** @returns how many deliveries it looked at */
    sendMails: (): Promise<number> =>
      database.transaction(async (trx) => {
        const due = await deliveriesRepository(trx).lockDueMails(BATCH)
        for (const delivery of due) await sendWanted(trx, delivery.message.userId, [delivery])
        return due.length
      }),

    /** One person's digest, of each app. @returns whether there was anybody whose digest was due */
    sendDigest: (): Promise<boolean> =>
      database.transaction(async (trx) => {
        const userId = await deliveriesRepository(trx).lockDigestUser()
        if (userId === undefined) return false
        await sendWanted(trx, userId, await deliveriesRepository(trx).lockDigest(userId, MAX_COLLECTED))
        return true
      }),
  }

  async function sendWanted(trx: Db, userId: string, deliveries: Delivery[]): Promise<void> {
    const wanted = await withoutUnwanted(trx, userId, deliveries)
    const found = new Map<string, Correspondents | Lack>()
    for (const { message } of wanted)
      if (!found.has(message.sender)) found.set(message.sender, await findCorrespondents(trx, message))
    // Several clients may send for one app.
    const keyOf = ({ message }: Delivery) => {
      const to = found.get(message.sender)
      return typeof to === "object" ? to.sender.name : to
    }
    for (const together of grouped(wanted, keyOf).values()) {
      const to = found.get(together[0]?.message.sender ?? "")
      if (to) await send(trx, together, to)
    }
  }

  /** Ends those that are not to be mailed any more, be it that they were read meanwhile. @returns the others */
  async function withoutUnwanted(trx: Db, userId: string, deliveries: Delivery[]): Promise<Delivery[]> {
    const preferences = await preferencesRepository(trx).listPreferences([userId])
    const unread = new Set(
      await listUnread(
        trx,
        userId,
        deliveries.map(({ message }) => message.id),
      ),
    )
    const reasonOf = ({ message }: Delivery): Outcome | undefined => {
      if (message.isExpired) return "expired"
      if (modesOf(preferences, message.category).email === "off") return "unwanted"
      return unread.has(message.id) ? undefined : "read"
    }
    const byReason = grouped(deliveries, reasonOf)
    for (const [reason, ended] of byReason)
      if (reason) await deliveriesRepository(trx).updateEnded(idsOf(ended), reason)
    return byReason.get(undefined) ?? []
  }

  async function send(trx: Db, deliveries: Delivery[], to: Correspondents | Lack): Promise<void> {
    const repository = deliveriesRepository(trx)
    const ids = idsOf(deliveries)
    if (to === "unreachable") return repository.updateEnded(ids, "unreachable")
    if (to === "unknown") return repository.updateDueIn(ids, WAIT_SECONDS)
    const { email: recipient, locale } = to.contact
    try {
      const letter = letterOf(deliveries, to, publicUrl)
      await outbox.enqueue(trx, { ...letter, recipient, locale, expiresInSeconds: MAIL_TTL_SECONDS })
      await repository.updateEnded(ids, "sent")
    } catch (cause) {
      // Thrown before anything is written; it would be as wrong the next time.
      if (!(cause instanceof InvalidMailError)) throw cause
      await repository.updateEnded(ids, "refused", cause.message)
    }
  }
}

/** Why there is nobody to write to: not told of yet, or nobody at all. */
type Lack = "unknown" | "unreachable"

async function findCorrespondents(trx: Db, message: StoredMessage): Promise<Correspondents | Lack> {
  const { userId, sender: clientId, createdAt } = message
  const contact = await contactsRepository(trx).findContact(userId)
  const sender = await contactsRepository(trx).findMailSender(clientId)
  const unsubscribeKey = await preferencesRepository(trx).findUnsubscribeKey(userId)
  if (!contact || !sender || !unsubscribeKey)
    return Date.now() - createdAt.getTime() > PATIENCE_MS ? "unreachable" : "unknown"

  const { email, emailVerified, isActive } = contact
  // An address that nobody has proved may be a stranger's.
  if (!email || !emailVerified || !isActive) return "unreachable"
  const { timeZone } = await preferencesRepository(trx).findReach(userId)
  return { contact: { ...contact, email }, sender, unsubscribeKey, timeZone }
}

const idsOf = (deliveries: readonly Delivery[]) => deliveries.map(({ id }) => id)
