import { type Database, type Db, isUnavailable } from "@gatepost/postgres"
import type { Logger } from "@gatepost/runtime"
import { type Device, devicesRepository } from "../devices/index.js"
import { modesOf, preferencesRepository, SECURITY_CATEGORY } from "../preferences/index.js"
import type { PushResult, PushTransports } from "../push/index.js"
import type { Outcome, PushDelivery } from "./channels.types.js"
import { deliveriesRepository } from "./deliveries.repository.js"

export interface PusherDeps {
  database: Database
  transports: PushTransports
  listUnread(trx: Db, userId: string, ids: string[]): Promise<string[]>
  logger: Logger
}

const PLACES = 16
// A try takes ten seconds at most; a process that died in it delays its pushes by this much.
const LEASE_SECONDS = 30
const FIRST_RETRY_SECONDS = 5
const LONGEST_RETRY_SECONDS = 900
// RFC 8030 leaves it to the service; FCM takes four weeks at most.
const LONGEST_TTL_SECONDS = 2_419_200

/**
 * Sends pushes, at least once: the same notification replaces itself on a device. Any number of processes share the
 * work.
 */
export function createPusher({ database, transports, listUnread, logger }: PusherDeps) {
  const underWay = new Set<Promise<void>>()
  const repository = deliveriesRepository(database.db)

  return {
    /** Starts what is due and there is room for; @returns how many. */
    async sendPushes(whenDone: () => void): Promise<number> {
      const free = PLACES - underWay.size
      if (free <= 0) return 0
      const claimed = await repository.claimDuePushes(free, LEASE_SECONDS)
      for (const delivery of claimed) {
        const sending = deliver(delivery).finally(() => {
          underWay.delete(sending)
          whenDone()
        })
        underWay.add(sending)
      }
      return claimed.length
    },

    /** Waits for what is on its way. */
    async stop(): Promise<void> {
      await Promise.all(underWay)
    },
  }

  /** Never rejects: what is not stored is due again when its lease is over. */
  async function deliver(delivery: PushDelivery): Promise<void> {
    try {
      const device = await findDevice(delivery)
      const reason = device ? await reasonAgainst(delivery) : "gone"
      if (reason || !device) return await repository.updatePushEnded(delivery, reason ?? "gone", "not sent")
      if (delivery.quietUntil && !isUrgent(delivery))
        return await repository.updatePushDue(delivery, delivery.quietUntil, "quiet hours")
      await send(delivery, device)
    } catch (cause) {
      if (isUnavailable(cause))
        logger.info({ err: cause, delivery: delivery.id }, "a push waits for the database")
      else logger.error({ err: cause, delivery: delivery.id }, "a push failed, and will be tried again")
    }
  }

  async function send(delivery: PushDelivery, device: Device): Promise<void> {
    const sentAt = new Date()
    const { message } = delivery
    const result = (await transports[device.kind]?.send(device, {
      ...message,
      ttlSeconds: Math.min(Math.max(delivery.secondsLeft, 1), LONGEST_TTL_SECONDS),
      isUrgent: isUrgent(delivery),
    })) ?? { kind: "refused", answer: "no transport" }
    // A device that registered anew meanwhile is another.
    if (result.kind === "gone") await devicesRepository(database.db).deleteDead(device.id, sentAt)
    await settle(delivery, result)
  }

  async function settle(delivery: PushDelivery, result: PushResult): Promise<void> {
    const { answer } = result
    if (result.kind === "sent") return repository.updatePushEnded(delivery, "sent", answer)
    logger.info(
      { delivery: delivery.id, tries: delivery.tries, answer, result: result.kind },
      "a push was not taken",
    )
    if (result.kind !== "again") return repository.updatePushEnded(delivery, result.kind, answer)
    const seconds = Math.max(result.afterSeconds ?? 0, pauseSeconds(delivery.tries))
    if (seconds > delivery.secondsLeft) return repository.updatePushEnded(delivery, "expired", answer)
    return repository.updatePushDue(delivery, new Date(Date.now() + seconds * 1000), answer)
  }

  /** The device, while it is still its owner's. */
  async function findDevice({ deviceId, message }: PushDelivery): Promise<Device | undefined> {
    const devices = await devicesRepository(database.db).listDevices([message.userId])
    return devices.find(({ id }) => id === deviceId)
  }

  async function reasonAgainst({ message }: PushDelivery): Promise<Outcome | undefined> {
    const { id, userId, category } = message
    if (message.isExpired) return "expired"
    const preferences = await preferencesRepository(database.db).listPreferences([userId])
    if (modesOf(preferences, category).push === "off") return "unwanted"
    const unread = await listUnread(database.db, userId, [id])
    return unread.includes(id) ? undefined : "read"
  }
}

const isUrgent = ({ message }: PushDelivery) => message.category === SECURITY_CATEGORY

/** After 5, 10, 20 s … 15 min; a fifth more or less, so that what failed together does not return so. */
const pauseSeconds = (tries: number) =>
  Math.min(FIRST_RETRY_SECONDS * 2 ** (tries - 1), LONGEST_RETRY_SECONDS) * (0.8 + 0.4 * Math.random())
