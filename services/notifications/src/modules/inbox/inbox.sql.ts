/** The channel on which the processes tell each other whose inbox changed: a user's id, or `*` for everyone's. */
export const HINT_CHANNEL = "gatepost_inboxes"
export const EVERYONE = "*"

/**
 * Told to everyone and marking all read exclude each other (ADR 0022): who marks all must not mark what gets an
 * earlier time, and is committed later. The first is held for one insert, the second shared by all who mark.
 */
export const EVERYONE_LOCK = 0x6761_7465_0001n.toString()

/** The time of a change, under the lock of the inbox `i`: later than whatever happened there, also when clocks go back. */
export const NEXT_MOMENT = `greatest(clock_timestamp(), i.changed_at + interval '1 microsecond',
  i.read_up_to + interval '1 microsecond')`

/** The inbox of user $1 as it is now, as one row, also where there is none. */
export const INBOX_NOW = `select coalesce(i.read_up_to, '-infinity') as read_up_to,
    coalesce(i.seen_up_to, '-infinity') as seen_up_to, coalesce(i.unread_count, 0) as unread_count,
    coalesce(i.changed_at, '-infinity') as changed_at, greatest(clock_timestamp(), i.changed_at) as now
  from (select) one left join notifications.inboxes i on i.user_id = $1`

/** Whether the row `name` is one that `unread_count` has. */
export const isCounted = (name: string, readUpTo: string): string =>
  `coalesce(${name}.archived_at is null and ${name}.due_at is distinct from ${name}.visible_at
    and ${name}.unread_from > ${readUpTo}, false)`
