import { Problem, type RequestContext, type ServiceCaller } from "@gatepost/http"
import type { Database, Idempotency } from "@gatepost/postgres"
import { newId } from "@gatepost/runtime"
import type { Cursors } from "./cursors.js"
import { inboxRepository, type NewNotification } from "./inbox.repository.js"
import { toNotificationView } from "./inbox.schemas.js"
import type { Notification } from "./inbox.types.js"

export type InboxService = ReturnType<typeof createInboxService>

export function createInboxService({
  cursors,
  database,
  idempotency,
}: {
  cursors: Cursors
  database: Database
  idempotency: Idempotency
}) {
  return {
    /**
     * Puts a notification into a user's inbox, once per Idempotency-Key of the sender.
     *
     * @throws Problem `idempotency.mismatch`
     */
    async send(
      sender: ServiceCaller,
      message: Omit<NewNotification, "id" | "sender">,
      context: RequestContext,
    ) {
      const key = context.idempotency && { ...context.idempotency, scope: `send ${sender.clientId}` }

      const outcome = await idempotency.run(key, async (trx) => {
        const notification = { ...message, id: newId(), sender: sender.clientId }
        return toNotificationView(await inboxRepository(trx).insertNotification(notification))
      })

      if (outcome.kind === "mismatch") throw new Problem("idempotency.mismatch")
      return outcome.result
    },

    /** A page, newest first. @throws Problem `request.invalid` for a cursor that is not ours */
    async list(userId: string, page: { limit: number; cursor: string | undefined }) {
      const after = page.cursor === undefined ? undefined : cursors.read(userId, page.cursor)
      if (page.cursor !== undefined && !after) {
        const message = "must be the next_cursor of a page before"
        throw new Problem("request.invalid", { errors: [{ pointer: "query/cursor", message }] })
      }

      const { items, position } = await inboxRepository(database.db).listNotifications(
        userId,
        page.limit,
        after,
      )
      return {
        items,
        nextCursor: position && items.length === page.limit ? cursors.write(userId, position) : null,
      }
    },

    /** @throws Problem `notification.not-found`, also for somebody else's */
    async markRead(userId: string, id: string): Promise<Notification> {
      const notification = await inboxRepository(database.db).updateRead(userId, id)
      if (!notification) throw new Problem("notification.not-found")
      return notification
    },

    /** Everything up to now counts as read. */
    markAllRead: (userId: string): Promise<void> => inboxRepository(database.db).updateAllRead(userId),
  }
}
