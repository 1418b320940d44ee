import { Problem } from "@gatepost/http"
import type { Database, Db } from "@gatepost/postgres"
import { type Clock, systemClock } from "@gatepost/runtime"
import { changesRepository } from "./changes.repository.js"
import type { Cursors } from "./cursors.js"
import { inboxRepository } from "./inbox.repository.js"
import type { Change, Filter, Notification } from "./inbox.types.js"

export type InboxService = ReturnType<typeof createInboxService>

const LONGEST_SNOOZE_MS = 366 * 86_400_000

export function createInboxService({
  cursors,
  database,
  clock = systemClock,
}: {
  cursors: Cursors
  database: Database
  clock?: Clock
}) {
  return {
    /** Exact, whatever the inbox holds. */
    countUnread: (userId: string): Promise<number> => inboxRepository(database.db).findCount(userId),

    /** A page, newest first, its items as JSON. @throws Problem `request.invalid` for a cursor that is not ours */
    async list(userId: string, filter: Filter, page: { limit: number; cursor: string | undefined }) {
      const after = page.cursor === undefined ? undefined : cursors.read(userId, filter, page.cursor)
      if (page.cursor !== undefined && !after) {
        throw invalid("query/cursor", "must be the next_cursor of a page before, of the same list")
      }

      const found = await inboxRepository(database.db).listNotifications(userId, page.limit, filter, after)
      const { items, length, position } = found
      const isLast = !position || length < page.limit
      return { items, nextCursor: isLast ? null : cursors.write(userId, filter, position) }
    },

    /** @throws Problem `notification.not-found`, also for somebody else's */
    change: (userId: string, id: string, change: Exclude<Change, "snooze" | "delete">) =>
      changeItem(userId, id, change),

    /**
     * Hides an item; it comes back unread, as the newest of that time.
     *
     * @throws Problem `notification.not-found`, `request.invalid`
     */
    async snooze(userId: string, id: string, until: Date): Promise<Notification> {
      const nowMs = clock.now()
      if (until.getTime() <= nowMs || until.getTime() > nowMs + LONGEST_SNOOZE_MS) {
        throw invalid("/until", "must be a time to come, within a year")
      }
      return changeItem(userId, id, "snooze", until)
    },

    /** @throws Problem `notification.not-found` */
    async remove(userId: string, id: string): Promise<void> {
      await database.transaction(async (trx) => {
        const repository = changesRepository(trx)
        const inbox = await repository.lockInbox(userId)
        if (await repository.deleteNotification(inbox, id)) return
        if (!(await repository.updateBroadcastState(inbox, id, "delete"))) throw notFound()
      })
    },

    /** Everything up to now counts as read. */
    markAllRead: (userId: string): Promise<void> => changesRepository(database.db).updateAllRead(userId),

    /** Everything up to now was seen, read or not. */
    markAllSeen: (userId: string): Promise<void> => changesRepository(database.db).updateAllSeen(userId),

    /** Which of these notifications the user could still see, and has not read. */
    listUnread: (trx: Db, userId: string, ids: readonly string[]) =>
      inboxRepository(trx).listUnread(userId, ids),

    /** Deletes everything of a user that is no more. */
    forget: (trx: Db, userId: string): Promise<boolean> => inboxRepository(trx).deleteInbox(userId),
  }

  // What is thrown undoes it all: no inbox is made, and nobody is told.
  function changeItem(userId: string, id: string, change: Exclude<Change, "delete">, until?: Date) {
    return database.transaction(async (trx) => {
      const repository = changesRepository(trx)
      const inbox = await repository.lockInbox(userId)
      const changed =
        (await repository.updateNotification(inbox, id, change, until)) ??
        (await repository.updateBroadcastState(inbox, id, change, until))
      if (!changed) throw until && (await exists(repository)) ? endsBefore() : notFound()
      return changed

      // Marking it as seen tells whether it is there at all; it is undone with the rest.
      async function exists({ updateNotification, updateBroadcastState }: typeof repository) {
        return (
          (await updateNotification(inbox, id, "seen")) ?? (await updateBroadcastState(inbox, id, "seen"))
        )
      }
    })
  }
}

const invalid = (pointer: string, message: string) =>
  new Problem("request.invalid", { errors: [{ pointer, message }] })
const endsBefore = () => invalid("/until", "must be before the notification expires")
const notFound = () => new Problem("notification.not-found")
