import type { Database } from "@gatepost/postgres"
import { newId } from "@gatepost/runtime"
import { retentionRepository } from "./retention.repository.js"

const DAY_MS = 86_400_000

/**
 * Ends what has stood in inboxes for so many days and has no end of its own, a thousand at a time.
 *
 * @returns how many
 */
export async function endOldNotifications(database: Database, days: number): Promise<number> {
  const madeBefore = newId(new Date(Date.now() - days * DAY_MS))
  let total = 0
  for (;;) {
    const ended = await database.transaction(async (trx) => {
      const repository = retentionRepository(trx)
      const userIds = await repository.lockInboxes(madeBefore, days)
      return userIds.length === 0 ? 0 : repository.updateEnding(userIds, madeBefore, days)
    })
    if (ended === 0) return total
    total += ended
  }
}
