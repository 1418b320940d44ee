import type { Database } from "@gatepost/postgres"
import { type EventRecord, eventsRepository } from "./events.repository.js"

export type Events = ReturnType<typeof createEvents>

/** The feed of what happened to users and sessions, for whoever asks, from any place on. */
export function createEvents({ database }: { database: Database }) {
  const repository = eventsRepository(database.db)

  return {
    /** What came after a place; the last page says where to ask on. */
    async list(after: number, limit: number): Promise<{ events: EventRecord[]; isLast: boolean }> {
      await repository.updateUnpublished()
      const events = await repository.listPublished(after, limit)
      return { events, isLast: events.length < limit }
    },

    sweep: () => repository.deleteOld(),
  }
}
