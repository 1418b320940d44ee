import { type Db, deleteInBatches } from "@gatepost/postgres"
import type { OutgoingMessage, StoredMessage } from "./channels.types.js"

export interface MessageRow {
  id: string
  user_id: string
  sender: string
  category: string
  title: string
  body: string
  link: string | null
  data: Record<string, unknown>
  created_at: Date
  is_expired: boolean
}

/** With `m` for the table. */
export const MESSAGE_COLUMNS = `m.id, m.user_id, m.sender, m.category, m.title, m.body, m.link, m.data, m.created_at,
  m.expires_at <= now() as is_expired`

/** What one delivery is to be, as the planner decides. */
export interface PlannedDelivery {
  messageId: string
  userId: string
  channel: "email" | "digest" | "push"
  deviceId: string | undefined
  /** Quiet hours put it off, where they are. */
  isUrgent: boolean
  outcome: "throttled" | undefined
}

export const messagesRepository = (db: Db) => ({
  /** One statement, however many there are. */
  async insertMessages(messages: readonly OutgoingMessage[]): Promise<void> {
    await db.raw(
      `insert into notifications.messages
         (id, user_id, sender, category, title, body, link, data, due_at, expires_at)
       select id, user_id, sender, category, title, body, link, coalesce(data, '{}'), coalesce(not_before, now()),
              least(expires_at, coalesce(not_before, now()) + interval '8 days')
       from jsonb_to_recordset(?::jsonb) as m (
         id uuid, user_id uuid, sender text, category text, title text, body text, link text, data jsonb,
         not_before timestamptz, expires_at timestamptz
       )
       on conflict do nothing`,
      [
        JSON.stringify(
          messages.map(({ userId, notBefore, expiresAt, ...message }) => ({
            ...message,
            user_id: userId,
            not_before: notBefore,
            expires_at: expiresAt,
          })),
        ),
      ],
    )
  },

  /** Those that are to be planned, for this transaction alone, the oldest first. */
  async lockDue(limit: number): Promise<StoredMessage[]> {
    const { rows } = await db.raw(
      `select ${MESSAGE_COLUMNS} from notifications.messages m
       where due_at <= now() order by due_at limit ? for update skip locked`,
      [limit],
    )
    return rows.map(toMessage)
  },

  async updatePlanned(messages: readonly StoredMessage[]): Promise<void> {
    await db.raw(
      `update notifications.messages set due_at = null
       where (id, user_id) in (select * from unnest(:ids::uuid[], :userIds::uuid[]))`,
      { ids: messages.map(({ id }) => id), userIds: messages.map(({ userId }) => userId) },
    )
  },

  /** When each is due is reckoned by its person's own clock. */
  async insertDeliveries(deliveries: readonly PlannedDelivery[]): Promise<void> {
    await db.raw(
      `insert into notifications.deliveries (message_id, user_id, channel, device_id, due_at, outcome, ended_at)
       select p."messageId", p."userId", p.channel, p."deviceId",
              case
                when p.channel = 'digest'
                  then notifications.digest_time(now(), r.time_zone, r.digest_every, r.digest_at)
                when p."isUrgent" then now()
                else coalesce(notifications.quiet_until(now(), r.time_zone, r.quiet_from, r.quiet_until), now())
              end,
              p.outcome, case when p.outcome is not null then now() end
       from jsonb_to_recordset(?::jsonb) as p (
         "messageId" uuid, "userId" uuid, channel text, "deviceId" uuid, "isUrgent" boolean, outcome text
       )
       join notifications.reach r on r.user_id = p."userId"
       on conflict do nothing`,
      [JSON.stringify(deliveries)],
    )
  },

  /** How many mails and pushes each has had planned in the last hour; a message to many devices is one. */
  async countRecent(
    userIds: readonly string[],
  ): Promise<{ userId: string; channel: "email" | "push"; count: number }[]> {
    const { rows } = await db.raw(
      `select user_id as "userId", channel, count(distinct message_id)::int as count
       from notifications.deliveries
       where user_id = any(:userIds::uuid[]) and channel in ('email', 'push')
         and created_at > now() - interval '1 hour' and outcome is distinct from 'throttled'
       group by user_id, channel`,
      { userIds },
    )
    return rows
  },

  async deleteAllOf(userId: string): Promise<void> {
    await db.raw("delete from notifications.messages where user_id = ?", [userId])
  },

  /** With their deliveries: two weeks tell an operator enough. */
  deleteOld: (): Promise<number> =>
    deleteInBatches(db, "notifications.messages", "expires_at < now() - interval '7 days'"),
})

export const toMessage = (row: MessageRow): StoredMessage => ({
  id: row.id,
  userId: row.user_id,
  sender: row.sender,
  category: row.category,
  title: row.title,
  body: row.body,
  link: row.link ?? undefined,
  data: row.data,
  createdAt: row.created_at,
  isExpired: row.is_expired,
})
