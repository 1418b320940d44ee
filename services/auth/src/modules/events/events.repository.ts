import { type Db, deleteInBatches, prepared } from "@gatepost/postgres"
import { type Account, type AccountRow, toAccount } from "../accounts/index.js"

/** Something that happened, with its user as they are now. */
export interface EventRecord {
  id: string
  /** Its place in the feed; none while nobody has asked for it. */
  seq: number | undefined
  type: string
  accountId: string
  sessionId: string | undefined
  /** What was changed, or why. */
  detail: string[]
  at: Date
  /** None: they are gone. */
  account: Account | undefined
}

interface EventRow {
  event_id: string
  // A bigint, which the driver gives as text.
  seq: string | null
  type: string
  account_id: string
  session_id: string | null
  detail: string[]
  at: Date
}

const SELECT = `select e.id as event_id, e.seq, e.type, e.account_id, e.session_id, e.detail, e.created_at as at,
    a.id, a.email, a.name, a.locale, a.email_verified_at, a.disabled_at, a.created_at, a.external_id
  from auth.events e left join auth.accounts a on a.id = e.account_id`

export const eventsRepository = (db: Db) => ({
  /** Gives a place in the feed to what was committed before this call, 5,000 events at most. */
  async updateUnpublished(): Promise<void> {
    await prepared(db, { name: "publish-events", text: "select auth.publish_events()", values: [] })
  },

  /** The first of those that come after a place. */
  async listPublished(after: number, limit: number): Promise<EventRecord[]> {
    const { rows } = await db.raw(`${SELECT} where e.seq > ? order by e.seq limit ?`, [after, limit])
    return rows.map(toEvent)
  },

  async findEvent(id: string): Promise<EventRecord | undefined> {
    const { rows } = await db.raw(`${SELECT} where e.id = ?`, [id])
    return rows[0] && toEvent(rows[0])
  },

  deleteOld: (): Promise<number> =>
    deleteInBatches(db, "auth.events", "created_at < now() - interval '30 days'"),
})

const toEvent = (row: EventRow & (AccountRow | { id: null })): EventRecord => ({
  id: row.event_id,
  seq: row.seq === null ? undefined : Number(row.seq),
  type: row.type,
  accountId: row.account_id,
  sessionId: row.session_id ?? undefined,
  detail: row.detail,
  at: row.at,
  account: row.id === null ? undefined : toAccount(row as AccountRow),
})
