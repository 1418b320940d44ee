import { type Database, deleteInBatches } from "@gatepost/postgres"
import { createPulse, type Logger } from "@gatepost/runtime"
import { settlingRepository } from "./settling.repository.js"

const INTERVAL_MS = 1_000

/** What was told to everyone and is over has states of many users: too many for one statement. */
const ENDED =
  "broadcast_id = any(array(select id from notifications.broadcasts where due_at <= now() and expires_at <= now()))"

/**
 * Every second: counts what has appeared or come back, deletes what is over, and says so to those who look on. All
 * processes may run it side by side.
 */
export function createSettling({ database, logger }: { database: Database; logger: Logger }) {
  const pulse = createPulse({ task: settle, name: "settling of inboxes", intervalMs: INTERVAL_MS, logger })

  return { start: pulse.start, stop: pulse.stop, settle }

  async function settle(): Promise<void> {
    while (await settleSome()) {}
    await deleteInBatches(database.db, "notifications.broadcast_states", ENDED)
    await settlingRepository(database.db).updateDueBroadcasts()
  }

  async function settleSome(): Promise<boolean> {
    return database.transaction(async (trx) => {
      const repository = settlingRepository(trx)
      const userIds = await repository.lockDueInboxes()
      return userIds.length > 0 && (await repository.updateDue(userIds)) > 0
    })
  }
}
