import { type Db, prepared } from "@gatepost/postgres"
import { INBOX_NOW } from "./inbox.sql.js"
import type { Action, Filter, Notification, Position } from "./inbox.types.js"
import { joinedAt } from "./joined-at.js"

export interface NotificationRow {
  id: string
  category: string
  title: string
  body: string
  data: Record<string, unknown>
  link: string | null
  actions: readonly Action[]
  created_at: Date
  visible_at: Date
  expires_at: Date | null
  is_read: boolean
  is_seen: boolean
  is_archived: boolean
}

interface PageRow {
  length: number
  /** A JSON array of notifications as `NotificationView` has them. */
  items: string
  /** Of the last one, exactly: JavaScript knows no microseconds. */
  visible_at: string | null
  id: string | null
}

const TEXTS = (from: string) => `${from}.id, ${from}.category, ${from}.title, ${from}.body, ${from}.data,
  ${from}.link, ${from}.actions, ${from}.created_at, ${from}.expires_at`

/** What a user did with the row `name`. */
export const stateColumns = (name: string, readUpTo: string, seenUpTo: string) =>
  `${name}.visible_at, coalesce(${name}.unread_from <= ${readUpTo}, true) as is_read,
   (${name}.seen_at is not null or ${name}.visible_at <= ${seenUpTo}) as is_seen,
   ${name}.archived_at is not null as is_archived`

const THEIRS = stateColumns("n", "me.read_up_to", "me.seen_up_to")

/** A broadcast with the state of user $1: their own row's, or that of one nobody touched. */
const EVERYONES = `notifications.broadcasts b
  left join notifications.broadcast_states s on s.broadcast_id = b.id and s.user_id = $1
  cross join lateral (select coalesce(s.visible_at, b.visible_at) as visible_at,
    case when s.user_id is null then b.visible_at else s.unread_from end as unread_from,
    s.seen_at, s.archived_at) n`

const COUNT = `with me as materialized (${INBOX_NOW})
  select (me.unread_count + due.correction + everyone.unread)::float8 as unread_count
  from me
  cross join lateral (
    select coalesce(sum(case when n.due_at <> n.visible_at then -1 when n.expires_at <= me.now then 0 else 1 end)
        filter (where n.unread_from > me.read_up_to and n.archived_at is null), 0) as correction
    from notifications.notifications n where n.user_id = $1 and n.due_at <= me.now
  ) due
  cross join lateral (
    select count(*) as unread from ${EVERYONES}
    where b.visible_at >= $2::timestamptz and b.visible_at <= me.now and b.expires_at > me.now
      and s.deleted_at is null and n.visible_at <= me.now
      and n.unread_from > me.read_up_to and n.archived_at is null
  ) everyone`

export const inboxRepository = (db: Db) => ({
  /** Exact at this moment: what was counted, what time alone changed since, and what everyone was told. */
  async findCount(userId: string): Promise<number> {
    const [row] = await prepared<{ unread_count: number }>(db, {
      name: "count-unread",
      text: COUNT,
      values: [userId, joinedAt(userId)],
    })
    return row?.unread_count ?? 0
  },

  /** Newest first, from behind `after`: a page as JSON, since PostgreSQL writes it for less than it takes to read it here. */
  async listNotifications(userId: string, limit: number, filter: Filter, after?: Position) {
    const [page] = await prepared<PageRow>(db, {
      name: `list-notifications ${nameOf(filter, after)}`,
      text: listText(filter, after),
      values: [
        userId,
        limit,
        joinedAt(userId),
        ...(after ? [after.visibleAt, after.id] : []),
        ...(filter.category === undefined ? [] : [filter.category]),
      ],
    })
    const { length = 0, items = "[]", visible_at: visibleAt = null, id = null } = page ?? {}
    return { length, items, position: visibleAt && id ? { visibleAt, id } : undefined }
  },

  /** Those of `ids` that the user could see now, and has not read. */
  async listUnread(userId: string, ids: readonly string[]): Promise<string[]> {
    const rows = await prepared<{ id: string }>(db, {
      name: "list-unread-of",
      text: `with me as materialized (${INBOX_NOW})
        select n.id from me join notifications.notifications n on n.user_id = $1 and n.id = any($2::uuid[])
          where n.unread_from > me.read_up_to and n.archived_at is null and n.visible_at <= me.now
            and (n.expires_at is null or n.expires_at > me.now)
        union all
        select b.id from me cross join ${EVERYONES}
          where b.id = any($2::uuid[]) and b.visible_at >= $3::timestamptz and b.visible_at <= me.now
            and b.expires_at > me.now and s.deleted_at is null and n.visible_at <= me.now
            and n.unread_from > me.read_up_to and n.archived_at is null`,
      values: [userId, [...ids], joinedAt(userId)],
    })
    return rows.map(({ id }) => id)
  },

  /** Everything of a user that is no more. */
  async deleteInbox(userId: string): Promise<boolean> {
    const { rowCount } = await db.raw("delete from notifications.inboxes where user_id = ?", [userId])
    return rowCount === 1
  },
})

const nameOf = ({ unread, archived, category }: Filter, after?: Position) =>
  [unread && "unread", archived && "archived", category !== undefined && "category", after && "after"]
    .filter(Boolean)
    .join(" ")

/** Its parts are ours alone: whatever a client says is a bound value. */
function listText({ unread, archived, category }: Filter, after?: Position): string {
  const behind = after && "and (n.visible_at, n.id) < ($4::timestamptz, $5::uuid)"
  const inCategory = (name: string) =>
    category === undefined ? "" : `and ${name}.category = $${after ? 6 : 4}`
  const archive = `n.archived_at is ${archived ? "not null" : "null"}`
  const order = "order by n.visible_at desc, n.id desc limit $2"

  const direct = (which: string) => `(select ${TEXTS("n")}, ${THEIRS} from notifications.notifications n
    where n.user_id = $1 and n.visible_at <= me.now and (n.expires_at is null or n.expires_at > me.now)
      and ${archive} ${which} ${behind ?? ""} ${inCategory("n")} ${order})`
  const everyones = `(select ${TEXTS("b")}, ${THEIRS} from ${EVERYONES}
    where b.visible_at >= $3::timestamptz and b.visible_at <= me.now and b.expires_at > me.now
      and s.deleted_at is null and n.visible_at <= me.now and ${archive}
      ${unread ? "and n.unread_from > me.read_up_to" : ""}
      ${behind?.replaceAll("n.id", "b.id") ?? ""} ${inCategory("b")} ${order.replaceAll("n.id", "b.id")})`
  // Two ranges rather than one condition: each is read in order from an index of its own, and stops with the page.
  const directs = unread
    ? [
        direct("and n.unread_from is not null and n.visible_at > me.read_up_to"),
        direct(`and n.unread_from > n.visible_at and n.unread_from > me.read_up_to
          and n.visible_at <= me.read_up_to`),
      ]
    : [direct("")]

  return `with me as materialized (${INBOX_NOW}), page as (
      select item.* from me cross join lateral (
        select * from (${[...directs, everyones].join(" union all ")}) n ${order}
      ) item order by item.visible_at desc, item.id desc
    )
    select count(*)::int as length, '[' || coalesce(string_agg(${VIEW}, ','), '') || ']' as items,
      (array_agg(item.visible_at))[count(*)]::text as visible_at, (array_agg(item.id))[count(*)] as id
    from page item`
}

/** As `Date.toISOString` has it. */
const iso = (time: string) => `to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** The row `item` as `NotificationView` has it. */
const VIEW = `row_to_json((select view from (select item.id, $1::uuid as user_id, item.category, item.title, item.body,
  item.data, item.link, item.actions, ${iso("item.created_at")} as created_at, ${iso("item.visible_at")} as visible_at,
  ${iso("item.expires_at")} as expires_at, item.is_read, item.is_seen, item.is_archived) view))::text`

export const toNotification = (userId: string, row: NotificationRow): Notification => ({
  id: row.id,
  userId,
  category: row.category,
  title: row.title,
  body: row.body,
  data: row.data,
  link: row.link,
  actions: row.actions,
  createdAt: row.created_at,
  visibleAt: row.visible_at,
  expiresAt: row.expires_at,
  isRead: row.is_read,
  isSeen: row.is_seen,
  isArchived: row.is_archived,
})

/** The columns of a notification that {@link toNotification} reads, of the rows `texts` and `state`. */
export const itemColumns = (texts: string, state: string, readUpTo: string, seenUpTo: string) =>
  `${TEXTS(texts)}, ${stateColumns(state, readUpTo, seenUpTo)}`
