import type { Lane, UncertainPolicy } from "@gatepost/contracts"
import type { Database } from "@gatepost/postgres"
import { isSingleAddress } from "./address.js"

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

export interface Suppression {
  address: string
  /** `bounce`: a server said that there is no such mailbox; `operator`: somebody decided so. */
  reason: "bounce" | "operator"
  detail: string | null
  createdAt: Date
  /** Null: for good. */
  expiresAt: Date | null
}

/** What an operator does with mails; a command, an API or a page may stand before it. */
export interface PostOffice {
  /** The newest first. `before` is the id of the last one seen, for the next page. */
  list(filter?: {
    state?: MailState
    lane?: Lane
    recipient?: string
    before?: string
    limit?: number
  }): Promise<MailSummary[]>
  show(id: string): Promise<MailDetails | undefined>
  /**
   * Has a mail sent that was given up, suppressed, or is uncertain; of the last, by that, a second copy may arrive.
   * Its address gets mail again only by `unsuppress`.
   *
   * @returns false when it is not at rest in one of these states, has expired, or does not exist
   */
  retry(id: string): Promise<boolean>
  /** Takes note that an uncertain mail is not to be sent again. */
  close(id: string): Promise<boolean>
  /** @throws TypeError when it is no address */
  suppress(address: string, detail?: string): Promise<Suppression>
  /** @returns false when it was not suppressed */
  unsuppress(address: string): Promise<boolean>
  /** In the order of their addresses, after the one given. */
  listSuppressions(options?: { after?: string; limit?: number }): Promise<Suppression[]>
}

const MAX_LIMIT = 500
const DEFAULT_LIMIT = 50

const SUMMARY = `id, kind, lane, recipient, state, attempts, policy, last_error as "lastError",
  created_at as "createdAt", not_before as "dueAt", expires_at as "expiresAt"`

const SUPPRESSION = `address, reason, detail, created_at as "createdAt", expires_at as "expiresAt"`

export function createPostOffice({ db }: Pick<Database, "db">): PostOffice {
  const query = async <Row>(sql: string, bindings: Record<string, string | number | null>): Promise<Row[]> =>
    (await db.raw<{ rows: Row[] }>(sql, bindings)).rows

  return {
    list({ state, lane, recipient, before, limit } = {}) {
      return query<MailSummary>(
        `select ${SUMMARY} from mail.messages
         where (:state::text is null or state = :state) and (:lane::text is null or lane = :lane)
           and (:recipient::text is null or lower(recipient) = lower(:recipient))
           and (:before::uuid is null or id < :before::uuid)
         order by id desc limit :limit`,
        {
          state: state ?? null,
          lane: lane ?? null,
          recipient: recipient ?? null,
          before: before ?? null,
          limit: bounded(limit),
        },
      )
    },

    async show(id) {
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
    },

    async retry(id) {
      const changed = await query(
        `update mail.messages
         set state = 'queued', claim_token = null, enqueued_at = null, requeues = requeues + 1, stalls = 0,
             not_before = now(), last_error = 'sent again by an operator', updated_at = now()
         where id = :id and payload is not null and expires_at > now()
           and state in ('failed_permanent', 'suppressed', 'dead', 'uncertain', 'closed_uncertain')
         returning id`,
        { id },
      )
      return changed.length === 1
    },

    async close(id) {
      const changed = await query(
        `update mail.messages
         set state = 'closed_uncertain', claim_token = null, payload = null, updated_at = now(),
             last_error = 'closed by an operator'
         where id = :id and state = 'uncertain' returning id`,
        { id },
      )
      return changed.length === 1
    },

    async suppress(address, detail) {
      if (!isSingleAddress(address)) throw new TypeError("this is no address")
      const [suppression] = await query<Suppression>(
        `insert into mail.suppressions (address, reason, detail) values (lower(:address), 'operator', :detail)
         on conflict (address) do update
           set reason = 'operator', detail = excluded.detail, expires_at = null
         returning ${SUPPRESSION}`,
        { address, detail: detail ?? null },
      )
      return suppression as Suppression
    },

    async unsuppress(address) {
      const gone = await query(
        "delete from mail.suppressions where address = lower(:address) returning address",
        { address },
      )
      return gone.length === 1
    },

    listSuppressions({ after, limit } = {}) {
      return query<Suppression>(
        `select ${SUPPRESSION} from mail.suppressions
         where (expires_at is null or expires_at > now()) and address > coalesce(:after, '')
         order by address limit :limit`,
        { after: after?.toLowerCase() ?? null, limit: bounded(limit) },
      )
    },
  }
}

const bounded = (limit = DEFAULT_LIMIT) => Math.min(Math.max(Math.trunc(limit), 1), MAX_LIMIT)
