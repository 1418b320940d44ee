import type { Db } from "@gatepost/postgres"
import type { Delivery, Outcome, PushDelivery } from "./channels.types.js"
import { MESSAGE_COLUMNS, type MessageRow, toMessage } from "./messages.repository.js"

interface DeliveryRow extends MessageRow {
  delivery_id: string
  channel: Delivery["channel"]
}

interface PushRow extends DeliveryRow {
  device_id: string
  tries: number
  age: number
  seconds_left: number
  quiet_until: Date | null
}

const JOINED = `notifications.deliveries d
  join notifications.messages m on m.id = d.message_id and m.user_id = d.user_id`

export const deliveriesRepository = (db: Db) => ({
  /** Mails that are due, for this transaction alone. */
  async lockDueMails(limit: number): Promise<Delivery[]> {
    const { rows } = await db.raw(
      `select d.id as delivery_id, d.channel, ${MESSAGE_COLUMNS} from ${JOINED}
       where d.channel = 'email' and d.ended_at is null and d.due_at <= now()
       order by d.due_at limit ? for update of d skip locked`,
      [limit],
    )
    return rows.map(toDelivery)
  },

  /** Somebody whose digest is due and whom nobody else is writing one for, in this transaction alone. */
  async lockDigestUser(): Promise<string | undefined> {
    const { rows } = await db.raw(
      `select user_id as "userId" from notifications.reach where user_id in (
         select user_id from notifications.deliveries
         where channel = 'digest' and ended_at is null and due_at <= now() order by due_at limit 50
       ) limit 1 for update skip locked`,
    )
    return rows[0]?.userId
  },

  /** All that a digest of now has, the oldest first; a statement of its own, so that it sees what others have sent. */
  async lockDigest(userId: string, limit: number): Promise<Delivery[]> {
    const { rows } = await db.raw(
      `select d.id as delivery_id, d.channel, ${MESSAGE_COLUMNS} from ${JOINED}
       where d.channel = 'digest' and d.ended_at is null and d.due_at <= now() and d.user_id = :userId
       order by m.created_at, m.id limit :limit for update of d`,
      { userId, limit },
    )
    return rows.map(toDelivery)
  },

  async updateEnded(ids: readonly string[], outcome: Outcome, answer?: string): Promise<void> {
    await db.raw(
      `update notifications.deliveries set ended_at = now(), outcome = :outcome, last_answer = :answer
       where id = any(:ids::uuid[]) and ended_at is null`,
      { ids, outcome, answer: answer ?? null },
    )
  },

  async updateDueIn(ids: readonly string[], seconds: number): Promise<void> {
    await db.raw(
      `update notifications.deliveries set due_at = now() + make_interval(secs => :seconds)
       where id = any(:ids::uuid[]) and ended_at is null`,
      { ids, seconds },
    )
  },

  /** Pushes that are due, for this process alone until the lease is over. */
  async claimDuePushes(limit: number, leaseSeconds: number): Promise<PushDelivery[]> {
    const { rows } = await db.raw(
      `with due as materialized (
         select id from notifications.deliveries
         where channel = 'push' and ended_at is null and due_at <= now()
         order by due_at limit :limit for update skip locked
       )
       update notifications.deliveries d
       set tries = tries + 1, due_at = now() + make_interval(secs => :leaseSeconds)
       from due, notifications.messages m
       left join notifications.reach r on r.user_id = m.user_id
       where d.id = due.id and m.id = d.message_id and m.user_id = d.user_id
       returning d.id as delivery_id, d.channel, d.device_id, d.tries, ${MESSAGE_COLUMNS},
         extract(epoch from now() - d.created_at)::int as age,
         extract(epoch from m.expires_at - now())::int as seconds_left,
         notifications.quiet_until(now(), r.time_zone, r.quiet_from, r.quiet_until) as quiet_until`,
      { limit, leaseSeconds },
    )
    return rows.map(toPushDelivery)
  },

  /** Only while the try is the last one: a process that was away for longer than its lease changes nothing. */
  async updatePushEnded({ id, tries }: PushDelivery, outcome: Outcome, answer: string): Promise<void> {
    await db.raw(
      `update notifications.deliveries set ended_at = now(), outcome = :outcome, last_answer = :answer
       where id = :id and tries = :tries and ended_at is null`,
      { id, tries, outcome, answer },
    )
  },

  /** The same for one that is to be tried again. */
  async updatePushDue({ id, tries }: PushDelivery, dueAt: Date, answer: string): Promise<void> {
    await db.raw(
      `update notifications.deliveries set due_at = :dueAt, last_answer = :answer
       where id = :id and tries = :tries and ended_at is null`,
      { id, tries, dueAt, answer },
    )
  },

  /** Of the one that waits longest, by channel. */
  async listOverdueSeconds(): Promise<Record<string, number>> {
    const { rows } = await db.raw(
      `select channel, greatest(0, extract(epoch from now() - min(due_at)))::int as seconds
       from unnest(array['email', 'digest', 'push']) as channel
       left join notifications.deliveries d using (channel)
       where d.ended_at is null group by channel`,
    )
    return Object.fromEntries(
      rows.map(({ channel, seconds }: { channel: string; seconds: number | null }) => [
        channel,
        seconds ?? 0,
      ]),
    )
  },
})

const toDelivery = (row: DeliveryRow): Delivery => ({
  id: row.delivery_id,
  channel: row.channel,
  message: toMessage(row),
})

const toPushDelivery = (row: PushRow): PushDelivery => ({
  ...toDelivery(row),
  deviceId: row.device_id,
  tries: row.tries,
  age: row.age,
  secondsLeft: row.seconds_left,
  quietUntil: row.quiet_until,
})
