import type { Lane, UncertainPolicy } from "@gatepost/contracts"
import type { Database } from "@gatepost/postgres"
import { type Bindings, bounded, createSuppressionList, type SuppressionList } from "./suppression-list.js"

export const mailStates = [
  "queued",
  "claimed",
  "handing_off",
  "retry_wait",
  "uncertain",
  "sent",
  "failed_permanent",
  "suppressed",
  "expired",
  "dead",
  "closed_uncertain",
] as const

export type MailState = (typeof mailStates)[number]

/** Given up, or in doubt: an operator may have it sent again until it expires. */
const resendable: MailState[] = ["failed_permanent", "suppressed", "dead", "uncertain", "closed_uncertain"]

/** What an operator may see of a mail: never what it says. */
export interface MailSummary {
  id: string
  kind: string
  lane: Lane
  recipient: string
  state: MailState
  attempts: number
  policy: UncertainPolicy
  lastError: string | null
  createdAt: Date
  dueAt: Date
  expiresAt: Date
}

/** One change of its state. */
export interface MailEvent {
  at: Date
  from: MailState | null
  to: MailState
  detail: string | null
}

export interface MailDetails extends MailSummary {
  messageId: string
  transport: string | null
  handedOffAt: Date | null
  sentAt: Date | null
  serverId: string | null
  /** Whether it can still be sent: its secret is wiped at its end, and when it expires. */
  sendable: boolean
  /** Oldest first. */
  timeline: MailEvent[]
}

export type RetryOutcome =
  /** It is due now. `mayDouble`: it may have arrived already, so a second copy may follow. */
  | { kind: "queued"; from: MailState; mayDouble: boolean }
  /** It is on its way, was sent, or was closed: there is nothing to send again. */
  | { kind: "not-at-rest"; state: MailState }
  /** Its time is over, and what it said is wiped. */
  | { kind: "expired" }
  | { kind: "unknown" }

/** What an operator does with mails; a command, an API or a page may stand before it. */
export interface PostOffice extends SuppressionList {
  /** The newest first. `before` is the id of the last one seen, for the next page; `since` is inclusive. */
  list(filter?: {
    state?: MailState | undefined
    lane?: Lane | undefined
    recipient?: string | undefined
    since?: Date | undefined
    before?: string | undefined
    limit?: number | undefined
  }): Promise<MailSummary[]>
  show(id: string): Promise<MailDetails | undefined>
  /**
   * Has a mail sent that was given up, suppressed, or is uncertain; of the last, by that, a second copy may arrive.
   * Its address gets mail again only by `unsuppress`.
   *
   * @param by who wants it, for the mail's timeline
   */
  retry(id: string, by: string): Promise<RetryOutcome>
  /**
   * Takes note that an uncertain mail is not to be sent again.
   *
   * @returns false when it is not uncertain, or does not exist
   */
  close(id: string, by: string): Promise<boolean>
}

const SUMMARY = `id, kind, lane, recipient, state, attempts, policy, last_error as "lastError",
  created_at as "createdAt", not_before as "dueAt", expires_at as "expiresAt"`

// A mail that is suppressed again, or expires meanwhile, says so itself.
const RETRY = `
  with mail as (select id, state, doubts from mail.messages where id = :id for update)
  update mail.messages as message
  set state = 'queued', claim_token = null, enqueued_at = null, requeues = requeues + 1, stalls = 0,
      not_before = now(), last_error = 'sent again by ' || :by, updated_at = now()
  from mail
  where message.id = mail.id and payload is not null and expires_at > now()
    and message.state = any (:resendable::text[])
  returning mail.state as "from", mail.doubts > 0 as "mayDouble"`

export function createPostOffice({ db }: Pick<Database, "db">): PostOffice {
  const query = async <Row>(sql: string, bindings: Bindings): Promise<Row[]> =>
    (await db.raw<{ rows: Row[] }>(sql, bindings)).rows

  const show = async (id: string): Promise<MailDetails | undefined> => {
    const [mail] = await query<Omit<MailDetails, "timeline">>(
      `select ${SUMMARY}, message_id as "messageId", transport, handed_off_at as "handedOffAt",
              sent_at as "sentAt", server_id as "serverId",
              payload is not null and expires_at > now() as sendable
       from mail.messages where id = :id`,
      { id },
    )
    if (!mail) return undefined
    const timeline = await query<MailEvent>(
      `select at, from_state as "from", to_state as "to", detail from mail.events
       where message_id = :id order by number`,
      { id },
    )
    return { ...mail, timeline }
  }

  return {
    ...createSuppressionList(query),

    list({ state, lane, recipient, since, before, limit } = {}) {
      return query<MailSummary>(
        `select ${SUMMARY} from mail.messages
         where (:state::text is null or state = :state) and (:lane::text is null or lane = :lane)
           and (:recipient::text is null or lower(recipient) = lower(:recipient))
           and (:since::timestamptz is null or created_at >= :since)
           and (:before::uuid is null or id < :before::uuid)
         order by id desc limit :limit`,
        {
          state: state ?? null,
          lane: lane ?? null,
          recipient: recipient ?? null,
          since: since ?? null,
          before: before ?? null,
          limit: bounded(limit),
        },
      )
    },

    show,

    async retry(id, by) {
      const [queued] = await query<{ from: MailState; mayDouble: boolean }>(RETRY, { id, by, resendable })
      if (queued) return { kind: "queued", ...queued }
      const mail = await show(id)
      if (!mail) return { kind: "unknown" }
      const isOver = mail.state === "expired" || (resendable.includes(mail.state) && !mail.sendable)
      return isOver ? { kind: "expired" } : { kind: "not-at-rest", state: mail.state }
    },

    async close(id, by) {
      const changed = await query(
        `update mail.messages
         set state = 'closed_uncertain', claim_token = null, payload = null, updated_at = now(),
             last_error = 'closed by ' || :by
         where id = :id and state = 'uncertain' returning id`,
        { id, by },
      )
      return changed.length === 1
    },
  }
}
