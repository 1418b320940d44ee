import { type Fact, findLanguage, languages, type SecurityEvent, securityEvents } from "@gatepost/contracts"
import type { Database, Db } from "@gatepost/postgres"
import { newId } from "@gatepost/runtime"
import { contactsRepository } from "../contacts/index.js"
import { SECURITY_CATEGORY } from "../preferences/index.js"
import { securityTexts } from "./security-texts.js"

/** A notification to one user, with its way into the inbox and the channels. */
export interface Notice {
  id: string
  userId: string
  sender: string
  category: string
  title: string
  body: string
  data: Record<string, unknown>
}

export interface FactsDeps {
  database: Database
  notify(trx: Db, notice: Notice): Promise<unknown>
  /** Deletes all that is kept of a user, but that they are gone. */
  forget(trx: Db, userId: string): Promise<void>
}

export type FactsService = ReturnType<typeof createFactsService>

type FactOf<Kind extends Fact["kind"]> = Extract<Fact, { kind: Kind }>

// Where the event was at none of the apps.
const OURSELVES = "gatepost"

/** What the auth service tells (ADR 0025): each fact any number of times, in any order, to the same effect. */
export function createFactsService({ database, notify, forget }: FactsDeps) {
  return {
    /** All or none of them. */
    learn: (facts: readonly Fact[]): Promise<void> =>
      database.transaction(async (trx) => {
        for (const fact of facts) await learnOne(trx, fact)
      }),

    sweep: (): Promise<void> => contactsRepository(database.db).deleteOld(),
  }

  async function learnOne(trx: Db, fact: Fact): Promise<void> {
    const contacts = contactsRepository(trx)
    switch (fact.kind) {
      case "apps":
        return contacts.upsertApps(fact)
      case "contact":
        return contacts.upsertContact(fact)
      case "account-deleted":
        await contacts.updateDeleted(fact)
        return forget(trx, fact.user_id)
      case "security-event":
        return tell(trx, fact)
    }
  }

  async function tell(trx: Db, fact: FactOf<"security-event">): Promise<void> {
    const event = securityEvents.find((known) => known === fact.event)
    // Of a newer auth service, perhaps.
    if (!event || !(await contactsRepository(trx).insertToldEvent(fact.id))) return
    const contact = await contactsRepository(trx).findContact(fact.user_id)
    // Deleted meanwhile, and nothing is kept of them.
    if (contact && contact.email === undefined) return
    await notify(trx, noticeOf(event, fact, contact?.locale))
  }
}

function noticeOf(event: SecurityEvent, fact: FactOf<"security-event">, locale: string | undefined): Notice {
  const language = findLanguage(locale) ?? languages[0]
  const { at, device, ip, client_id } = fact
  return {
    ...securityTexts[language][event]({ device: device ?? undefined, ip: ip ?? undefined }),
    id: newId(),
    userId: fact.user_id,
    sender: client_id ?? OURSELVES,
    category: SECURITY_CATEGORY,
    data: { event, at, ...(device && { device }), ...(ip && { ip }) },
  }
}
