import type { Database, Db } from "@gatepost/postgres"
import { type DeviceKind, devicesRepository } from "../devices/index.js"
import { modesOf, preferencesRepository, SECURITY_CATEGORY } from "../preferences/index.js"
import type { Limits, StoredMessage } from "./channels.types.js"
import { grouped } from "./grouped.js"
import { messagesRepository, type PlannedDelivery } from "./messages.repository.js"

const BATCH = 100

type Counts = Map<string, number>

/**
 * Makes deliveries of messages that are due, by what each person wants now.
 *
 * @param options.kinds those devices that something can be sent to
 * @returns how many messages it planned; in one transaction, so that none is planned by half or twice
 */
export function createPlanner(options: {
  database: Database
  kinds: readonly DeviceKind[]
  hasMail: boolean
  limits: Limits
}) {
  const { database, kinds, hasMail, limits } = options

  return (): Promise<number> =>
    database.transaction(async (trx) => {
      const messages = await messagesRepository(trx).lockDue(BATCH)
      if (messages.length === 0) return 0
      const live = messages.filter(({ isExpired }) => !isExpired)
      const userIds = [...new Set(live.map(({ userId }) => userId))]
      // Who plans for the same person waits, so that the counts hold.
      await preferencesRepository(trx).lockReach(userIds)
      const wishes = await wishesOf(trx, userIds)
      await messagesRepository(trx).insertDeliveries(live.flatMap((message) => plan(message, wishes)))
      await messagesRepository(trx).updatePlanned(messages)
      return messages.length
    })

  async function wishesOf(trx: Db, userIds: string[]) {
    const preferences = await preferencesRepository(trx).listPreferences(userIds)
    const devices = await devicesRepository(trx).listDevices(userIds)
    const recent = await messagesRepository(trx).countRecent(userIds)
    const counts: Counts = new Map(
      recent.map(({ userId, channel, count }) => [`${userId} ${channel}`, count]),
    )
    return {
      preferences: grouped(preferences, ({ userId }) => userId),
      devices: grouped(
        devices.filter(({ kind }) => kinds.includes(kind)),
        ({ userId }) => userId,
      ),
      counts,
    }
  }

  function plan(message: StoredMessage, wishes: Awaited<ReturnType<typeof wishesOf>>): PlannedDelivery[] {
    const { id: messageId, userId, category } = message
    const { email, push } = modesOf(wishes.preferences.get(userId) ?? [], category)
    const isUrgent = category === SECURITY_CATEGORY
    const delivery = { messageId, userId, isUrgent, deviceId: undefined, outcome: undefined }
    const planned: PlannedDelivery[] = []

    if (hasMail && email !== "off") {
      const isNow = email === "instant" && isWithin(wishes.counts, `${userId} email`, limits.mailsPerHour)
      planned.push({ ...delivery, channel: isNow ? "email" : "digest" })
    }
    const devices = push === "off" ? [] : (wishes.devices.get(userId) ?? [])
    if (devices.length > 0) {
      const isGranted = isUrgent || isWithin(wishes.counts, `${userId} push`, limits.pushesPerHour)
      const outcome = isGranted ? undefined : "throttled"
      for (const device of devices)
        planned.push({ ...delivery, channel: "push", deviceId: device.id, outcome })
    }
    return planned
  }
}

/** Counts one more, where there is room. */
function isWithin(counts: Counts, key: string, limit: number): boolean {
  const count = counts.get(key) ?? 0
  if (count >= limit) return false
  counts.set(key, count + 1)
  return true
}
