import { createIdempotency, openDatabase } from "@gatepost/postgres"
import { createLogger, createSealer, deriveKey, newId } from "@gatepost/runtime"
import { type TestDatabase, testDatabase } from "@gatepost/testkit"
import { createCursors, createInboxService, createSettling } from "#src/modules/inbox/index.js"
import { createPreferencesService } from "#src/modules/preferences/index.js"
import { createSendingService } from "#src/modules/sending/index.js"
import { createTemplatesService } from "#src/modules/templates/index.js"
import { IDEMPOTENCY_SECRET } from "./settings.js"

export type TestInbox = Awaited<ReturnType<typeof openInbox>>

/** The inbox without HTTP, as its role: nothing settles by itself. */
export async function openInbox(poolSize = 4) {
  const db: TestDatabase = await testDatabase()
  const url = db.urlOf("gatepost_notifications")
  const database = openDatabase({ url, applicationName: "inbox", poolSize })
  const sealer = createSealer(IDEMPOTENCY_SECRET, "test")
  const idempotency = createIdempotency({ database, schema: "notifications", ttlSeconds: 60, sealer })
  const logger = createLogger("test", "fatal")
  const templates = createTemplatesService({ database })
  const sending = createSendingService({ database, idempotency, templates })
  const settling = createSettling({ database, logger })

  return {
    db,
    database,
    inbox: createInboxService({ cursors: createCursors(deriveKey(IDEMPOTENCY_SECRET, "test")), database }),
    sending,
    preferences: createPreferencesService({ database }),
    settle: settling.settle,
    /** Sends to some, or with no one named to everyone. */
    async send(userIds: readonly string[], more: Partial<Parameters<typeof draft>[0]> = {}) {
      const context = { idempotency: undefined } as Parameters<typeof sending.send>[2]
      if (userIds.length === 0) return [(await sending.broadcast(draft(more), context)).id]
      return (await sending.sendToMany(draft(more), userIds, context)).items.map(({ id }) => id)
    },
    /** As the database's own, of the inboxes alone: it is called very often. */
    async elapse(hours: number) {
      for (const [table, columns] of Object.entries(TIMES)) {
        const assignments = columns.map((name) => `${name} = ${name} - make_interval(hours => :hours)`)
        await db.query(`update notifications.${table} set ${assignments.join(", ")}`, { hours })
      }
    },
    async close() {
      await database.close()
      await db.drop()
    },
  }
}

const STATE = ["visible_at", "unread_from", "read_at", "seen_at", "archived_at", "due_at"]
const TIMES = {
  inboxes: ["read_up_to", "seen_up_to", "changed_at"],
  notifications: [...STATE, "created_at", "expires_at"],
  broadcasts: ["created_at", "visible_at", "expires_at", "due_at"],
  broadcast_states: [...STATE, "deleted_at"],
}

export const newUser = () => newId()

const draft = (more: { category?: string; sendAt?: Date | undefined; expiresAt?: Date | undefined }) => ({
  sender: "backend",
  texts: { title: "Title", body: "Body" },
  category: "general",
  data: {},
  link: null,
  actions: [],
  ...more,
})
