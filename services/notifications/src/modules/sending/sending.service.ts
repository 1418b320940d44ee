import { Problem, type RequestContext } from "@gatepost/http"
import type { Database, Db, Idempotency } from "@gatepost/postgres"
import { type Clock, newId, systemClock } from "@gatepost/runtime"
import type { Channels, OutgoingMessage } from "../channels/index.js"
import { deliveryRepository, type Message, toNotificationView } from "../inbox/index.js"
import type { TemplatesService } from "../templates/index.js"
import { toBroadcastView } from "./sending.schemas.js"
import type { Draft } from "./sending.types.js"

export type SendingService = ReturnType<typeof createSendingService>

export interface SendingDeps {
  database: Database
  idempotency: Idempotency
  templates: TemplatesService
  /** Where else notifications go; if unset, to the inbox alone. */
  channels?: Outgoing | undefined
  clock?: Clock
}

const BROADCAST_LIFE_MS = 90 * 86_400_000
/** Every count and list looks at all of them, so this is what keeps both of one price (ADR 0022). */
const MAX_BROADCASTS = 1_000

/** E-mail and push, told within the transaction that fills the inboxes. */
type Outgoing = Pick<Channels, "enqueue" | "enqueueBroadcast">

const inboxAlone: Outgoing = { enqueue: async () => {}, enqueueBroadcast: async () => {} }

export function createSendingService(deps: SendingDeps) {
  const { idempotency, templates, channels = inboxAlone, clock = systemClock } = deps

  return {
    /** Puts a notification into a user's inbox, once per Idempotency-Key of the sender. @throws Problem */
    send: (draft: Draft, userId: string, context: RequestContext) =>
      once("send", draft, context, async (trx) => {
        const message = await wordsOf(trx, draft)
        const [item] = await deliver(trx, message, [{ id: newId(), userId }])
        if (!item) throw new Error("a notification was not stored")
        return toNotificationView(item)
      }),

    /** The same to each of many. */
    sendToMany: (draft: Draft, userIds: readonly string[], context: RequestContext) =>
      once("batch", draft, context, async (trx) => {
        const message = await wordsOf(trx, draft)
        const recipients = [...new Set(userIds)].map((userId) => ({ id: newId(), userId }))
        await deliver(trx, message, recipients)
        return { items: recipients.map(({ id, userId }) => ({ id, user_id: userId })) }
      }),

    /** Tells everyone who has joined by then: one row, however many they are. @throws Problem `broadcast.too-many` */
    broadcast: (draft: Draft, context: RequestContext) =>
      once("broadcast", draft, context, async (trx) => {
        const sentMs = Math.max(clock.now(), draft.sendAt?.getTime() ?? 0)
        const expiresAt = draft.expiresAt ?? new Date(sentMs + BROADCAST_LIFE_MS)
        const message = { ...(await wordsOf(trx, draft)), expiresAt }
        const repository = deliveryRepository(trx)
        const id = newId()
        await channels.enqueueBroadcast(trx, toOutgoing(id, message))

        // Last, since everyone who marks all as read waits for it.
        await repository.lockEveryone()
        if ((await repository.countBroadcasts()) >= MAX_BROADCASTS) throw new Problem("broadcast.too-many")
        return toBroadcastView(id, message, await repository.insertBroadcast(id, message))
      }),

    /**
     * Puts a notification into an inbox within the caller's transaction, once per `id`.
     *
     * @returns whether it was new
     */
    async notify(trx: Db, { id, userId, ...message }: { id: string; userId: string } & Message) {
      if (await deliveryRepository(trx).hasNotification(id)) return false
      await deliver(trx, message, [{ id, userId }])
      return true
    },
  }

  async function once<Result>(
    what: string,
    { sender }: Draft,
    context: RequestContext,
    work: (trx: Db) => Promise<Result>,
  ): Promise<Result> {
    const key = context.idempotency && { ...context.idempotency, scope: `${what} ${sender}` }
    const outcome = await idempotency.run(key, work)
    if (outcome.kind === "mismatch") throw new Problem("idempotency.mismatch")
    return outcome.result
  }

  async function wordsOf(trx: Db, { texts, ...draft }: Draft): Promise<Message> {
    const words =
      "template" in texts ? await templates.render(trx, draft.sender, texts.template, texts.variables) : texts
    return { ...draft, ...words }
  }

  async function deliver(trx: Db, message: Message, recipients: readonly { id: string; userId: string }[]) {
    await channels.enqueue(
      trx,
      recipients.map(({ id, userId }) => ({ ...toOutgoing(id, message), userId })),
    )
    // Last, so that the inboxes are locked for one statement and the commit.
    return deliveryRepository(trx).insertNotifications(message, recipients)
  }
}

const toOutgoing = (id: string, message: Message): Omit<OutgoingMessage, "userId"> => ({
  id,
  sender: message.sender,
  category: message.category,
  title: message.title,
  body: message.body,
  link: message.link ?? undefined,
  data: message.data,
  notBefore: message.sendAt,
  expiresAt: message.expiresAt,
})
