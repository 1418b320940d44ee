import type { Metrics } from "@gatepost/http"
import type { Outbox } from "@gatepost/mail-queue"
import type { Database, Db } from "@gatepost/postgres"
import { createPulse, type Logger } from "@gatepost/runtime"
import type { DeviceKind } from "../devices/index.js"
import type { PushTransports } from "../push/index.js"
import { broadcastsRepository } from "./broadcasts.repository.js"
import type { BroadcastMessage, Limits, OutgoingMessage } from "./channels.types.js"
import { deliveriesRepository } from "./deliveries.repository.js"
import { createMailer } from "./mailer.js"
import { messagesRepository } from "./messages.repository.js"
import { createPlanner } from "./planner.js"
import { createPusher } from "./pusher.js"

export interface ChannelsDeps {
  database: Database
  /** None: nothing is mailed. */
  outbox: Outbox | undefined
  transports: PushTransports
  publicUrl: string
  limits: Limits
  metrics: Metrics
  /** Which of these notifications of a user are still to be seen. */
  listUnread(db: Db, userId: string, ids: string[]): Promise<string[]>
  logger: Logger
}

/** The channels beside the inbox: mail, digests and push (ADR 0026). */
export interface Channels {
  /** In the transaction that creates the notifications: they go out when that commits. */
  enqueue(trx: Db, messages: readonly OutgoingMessage[]): Promise<void>
  /** The same for everyone: one row, however many they are. */
  enqueueBroadcast(trx: Db, message: BroadcastMessage): Promise<void>
  /** All that is on its way to somebody whose account is deleted, in the caller's transaction. */
  forget(trx: Db, userId: string): Promise<void>
  sweep(): Promise<number>
  /** Waits for what is on its way. */
  stop(): Promise<void>
}

const POLL_MS = 1_000
const COMMIT_MS = 50
const CHUNK = 500

export function openChannels(deps: ChannelsDeps): Channels {
  const { database, outbox, transports, limits, logger } = deps
  const kinds = Object.keys(transports) as DeviceKind[]
  const kept = {
    forget: (trx: Db, userId: string) => messagesRepository(trx).deleteAllOf(userId),
    sweep: () => messagesRepository(database.db).deleteOld(),
  }
  if (!outbox && kinds.length === 0) return { ...noChannels, ...kept }
  const plan = createPlanner({ database, kinds, limits, hasMail: outbox !== undefined })
  const mailer = outbox && createMailer({ ...deps, outbox })
  const pusher = createPusher(deps)
  deps.metrics.gauge({
    name: "channel_overdue_seconds",
    help: "Seconds that the most overdue delivery of a channel waits; 0 for none",
    label: "channel",
    values: deliveriesRepository(database.db).listOverdueSeconds,
  })

  const pushing = createPulse({
    name: "pushing",
    intervalMs: POLL_MS,
    logger,
    task: async () => void (await pusher.sendPushes(() => pushing.wake())),
  })
  const mailing = createPulse({
    name: "mailing",
    intervalMs: POLL_MS,
    logger,
    task: async () => {
      if (!mailer) return
      while ((await mailer.sendMails()) > 0);
      while (await mailer.sendDigest());
    },
  })
  const planning = createPulse({
    name: "planning of deliveries",
    intervalMs: POLL_MS,
    logger,
    task: async () => {
      await expand()
      while ((await plan()) > 0) {
        pushing.wake()
        mailing.wake()
      }
    },
  })
  // One chunk a turn: what is for one person waits for no broadcast.
  const expand = async () => {
    if (await database.transaction(expandBroadcast)) planning.wake()
  }
  // When the caller's transaction has most likely committed; the poll finds what it has not.
  let timer: NodeJS.Timeout | undefined
  const wakeSoon = () => {
    timer ??= setTimeout(() => {
      timer = undefined
      planning.wake()
    }, COMMIT_MS)
  }
  for (const pulse of [planning, mailing, pushing]) pulse.start()

  return {
    async enqueue(trx, messages) {
      await messagesRepository(trx).insertMessages(messages)
      wakeSoon()
    },
    enqueueBroadcast: (trx, message) => broadcastsRepository(trx).insertBroadcast(message),
    ...kept,
    async stop() {
      clearTimeout(timer)
      await Promise.all([planning, mailing, pushing].map((pulse) => pulse.stop()))
      await pusher.stop()
    },
  }
}

/** Where nothing can be sent, nothing is kept for sending. */
const noChannels = {
  enqueue: async () => {},
  enqueueBroadcast: async () => {},
  stop: async () => {},
}

/**
 * Tells the next people of a broadcast, and forgets it after the last; in one transaction, so that nobody is passed
 * over or told twice.
 *
 * @returns whether there is more
 */
async function expandBroadcast(trx: Db): Promise<boolean> {
  const broadcasts = broadcastsRepository(trx)
  const due = await broadcasts.lockDue()
  if (!due) return false
  const { id, reached, isExpired } = due
  const { last, count } = isExpired
    ? { last: undefined, count: 0 }
    : await broadcasts.insertNextMessages(id, reached, CHUNK)
  if (last === undefined || count < CHUNK) await broadcasts.deleteBroadcast(id)
  else await broadcasts.updateReached(id, last)
  return true
}
