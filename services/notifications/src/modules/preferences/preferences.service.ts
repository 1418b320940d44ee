import { Problem } from "@gatepost/http"
import type { Database } from "@gatepost/postgres"
import { preferencesRepository } from "./preferences.repository.js"
import { type ChangePreferences, MAX_CATEGORIES, toPreferencesView } from "./preferences.schemas.js"
import { DEFAULT_CATEGORY, type EmailMode, SECURITY_CATEGORY } from "./preferences.types.js"

export type PreferencesService = ReturnType<typeof createPreferencesService>

export function createPreferencesService({ database }: { database: Database }) {
  const find = async (db: Parameters<typeof preferencesRepository>[0], userId: string) => {
    const repository = preferencesRepository(db)
    return toPreferencesView(await repository.findReach(userId), await repository.listPreferences([userId]))
  }

  return {
    find: (userId: string) => find(database.db, userId),

    /**
     * Changes what is named and nothing else. What is on its way already goes by the new ones too, but for the time
     * of a digest that is being collected.
     *
     * @throws Problem `request.invalid`
     */
    async change(userId: string, change: ChangePreferences) {
      const { time_zone: timeZone, quiet_hours: quietHours, digest, categories = {} } = change
      if (timeZone !== undefined) await assertTimeZone(timeZone)
      assertSecurityIsMailed(categories)

      return database.transaction(async (trx) => {
        const repository = preferencesRepository(trx)
        await repository.lockReach([userId])
        await repository.updateReach(userId, { timeZone, quietHours, digest })
        const before = await repository.countCategories(userId)
        for (const [category, modes] of Object.entries(categories)) {
          const { email, push } = modes
          if (email) await repository.upsertPreference(userId, { category, channel: "email", mode: email })
          if (push) await repository.upsertPreference(userId, { category, channel: "push", mode: push })
        }
        if ((await repository.countCategories(userId)) > Math.max(MAX_CATEGORIES, before))
          throw invalid("/categories", `must not be more than ${MAX_CATEGORIES}, with those of before`)
        return find(trx, userId)
      })
    },

    /** Whose link this is; nobody's where the key is none of ours. */
    findByUnsubscribeKey: (key: string) => preferencesRepository(database.db).findByUnsubscribeKey(key),

    /**
     * Somebody follows a link in a mail: of one category, or of all.
     *
     * @returns whether it may be so
     */
    async changeEmail(userId: string, category: string, mode: EmailMode): Promise<boolean> {
      if (category === SECURITY_CATEGORY) return false
      return database.transaction(async (trx) => {
        const repository = preferencesRepository(trx)
        await repository.lockReach([userId])
        if (category === DEFAULT_CATEGORY) await repository.updateAllEmail(userId, mode)
        // Whoever holds a link can name any category in it; mails come from a few.
        else {
          const known = await repository.listPreferences([userId])
          const isNew = known.every((one) => one.category !== category)
          if (isNew && new Set(known.map((one) => one.category)).size >= 2 * MAX_CATEGORIES) return false
          await repository.upsertPreference(userId, { category, channel: "email", mode })
        }
        return true
      })
    },
  }

  /** @throws Problem `request.invalid` unless both Node and PostgreSQL can reckon with it */
  async function assertTimeZone(name: string): Promise<void> {
    const isKnown = isIanaName(name) && (await preferencesRepository(database.db).isTimeZone(name))
    if (!isKnown) throw invalid("/time_zone", "must be the name of a time zone, such as Europe/Berlin")
  }
}

/** @throws Problem `request.invalid` */
function assertSecurityIsMailed(categories: NonNullable<ChangePreferences["categories"]>): void {
  if (categories[SECURITY_CATEGORY]?.email)
    throw invalid(
      "/categories/security/email",
      "can't be changed: what concerns the account is always mailed",
    )
}

function isIanaName(name: string): boolean {
  try {
    return /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat("en", { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

const invalid = (pointer: string, message: string) =>
  new Problem("request.invalid", { errors: [{ pointer, message }] })
