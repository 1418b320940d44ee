import type { Database } from "../../database/database.js"
import { Refusal, refuseField } from "../../http/refusal.js"
import { batteryRepository } from "./battery.repository.js"
import type { Interaction, NewInteraction } from "./battery.types.js"

export type BatteryService = ReturnType<typeof createBatteryService>

// A page ends at an interaction, and its id says so: random, so that a changed one is nobody's.
const CURSOR = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

export function createBatteryService({ database }: { database: Database }) {
  const batteries = batteryRepository(database.db)

  return {
    readBattery: (userId: string) => batteries.readBattery(userId),

    /**
     * Writes down an interaction and changes the level by it; once per Idempotency-Key, for good.
     *
     * @throws Refusal `idempotency_mismatch` where the key came before with another interaction
     */
    async record(userId: string, interaction: NewInteraction, key?: string): Promise<Interaction> {
      const recorded = await database.transaction(async (trx) => {
        const locked = batteryRepository(trx)
        await locked.lockBattery(userId)
        const earlier = key && (await locked.findInteractionByKey(userId, key))
        if (earlier) return isSame(earlier, interaction) ? earlier : undefined
        return locked.insertInteraction(userId, interaction, key)
      })
      if (!recorded) throw new Refusal("idempotency_mismatch")
      return recorded
    },

    /** A page, newest first. @throws Refusal `request_invalid` for a cursor that is none of this battery's */
    async listActivity(userId: string, page: { limit: number; cursor: string | undefined }) {
      const before = page.cursor === undefined ? undefined : await placeOf(userId, page.cursor)

      // One more tells whether there is a further page.
      const found = await batteries.listInteractions(userId, page.limit + 1, before)
      const items = found.slice(0, page.limit)
      return { items, nextCursor: found.length > page.limit ? (items.at(-1)?.id ?? null) : null }
    },
  }

  async function placeOf(userId: string, cursor: string): Promise<number> {
    const number = CURSOR.test(cursor) ? await batteries.findNumber(userId, cursor) : undefined
    return number ?? refuseField("query/cursor", "must be the next_cursor of a page before")
  }
}

const isSame = (earlier: NewInteraction, now: NewInteraction): boolean =>
  earlier.interactionType === now.interactionType &&
  earlier.energyChange === now.energyChange &&
  earlier.note === now.note
