import { isSingleAddress } from "./address.js"

export interface Suppression {
  address: string
  /** `bounce`: a server said that there is no such mailbox; `operator`: somebody decided so. */
  reason: "bounce" | "operator"
  detail: string | null
  createdAt: Date
  /** Null: for good. */
  expiresAt: Date | null
}

/** What an operator did to an address. */
export interface SuppressionEvent {
  at: Date
  action: "suppressed" | "unsuppressed"
  by: string
  detail: string | null
}

export interface SuppressionDetails {
  /** Nothing when the address gets mail. */
  current: Suppression | undefined
  /** Oldest first; kept for as long as mails are. */
  history: SuppressionEvent[]
}

/** Addresses that get no mail, in whatever letters they are written. Who did what is noted in the same statement. */
export interface SuppressionList {
  /** @throws TypeError when it is no address */
  suppress(address: string, options: { by: string; detail?: string | undefined }): Promise<Suppression>
  /** @returns false when it was not suppressed */
  unsuppress(address: string, by: string): Promise<boolean>
  findSuppression(address: string): Promise<SuppressionDetails>
  /** In the order of their addresses, after the one given. */
  listSuppressions(options?: {
    after?: string | undefined
    limit?: number | undefined
  }): Promise<Suppression[]>
}

export type Bindings = Record<string, string | number | Date | string[] | null>

type Query = <Row>(sql: string, bindings: Bindings) => Promise<Row[]>

const MAX_LIMIT = 500
const DEFAULT_LIMIT = 50

const SUPPRESSION = `address, reason, detail, created_at as "createdAt", expires_at as "expiresAt"`

const IN_FORCE = "(expires_at is null or expires_at > now())"

const SUPPRESS = `
  with noted as (
    insert into mail.suppression_events (address, action, by, detail)
    values (lower(:address), 'suppressed', :by, :detail)
  )
  insert into mail.suppressions (address, reason, detail) values (lower(:address), 'operator', :detail)
  on conflict (address) do update set reason = 'operator', detail = excluded.detail, expires_at = null
  returning ${SUPPRESSION}`

const UNSUPPRESS = `
  with gone as (
    delete from mail.suppressions where address = lower(:address) returning address, ${IN_FORCE} as was_in_force
  ), noted as (
    insert into mail.suppression_events (address, action, by)
    select address, 'unsuppressed', :by from gone where was_in_force
  )
  select address from gone where was_in_force`

export function createSuppressionList(query: Query): SuppressionList {
  return {
    async suppress(address, { by, detail }) {
      if (!isSingleAddress(address)) throw new TypeError("this is no address")
      const [suppression] = await query<Suppression>(SUPPRESS, { address, by, detail: detail ?? null })
      return suppression as Suppression
    },

    async unsuppress(address, by) {
      return (await query(UNSUPPRESS, { address, by })).length === 1
    },

    async findSuppression(address) {
      const [current] = await query<Suppression>(
        `select ${SUPPRESSION} from mail.suppressions where address = lower(:address) and ${IN_FORCE}`,
        { address },
      )
      const history = await query<SuppressionEvent>(
        `select at, action, by, detail from mail.suppression_events
         where address = lower(:address) order by number`,
        { address },
      )
      return { current, history }
    },

    listSuppressions({ after, limit } = {}) {
      return query<Suppression>(
        `select ${SUPPRESSION} from mail.suppressions
         where ${IN_FORCE} and address > coalesce(:after, '')
         order by address limit :limit`,
        { after: after?.toLowerCase() ?? null, limit: bounded(limit) },
      )
    },
  }
}

export const bounded = (limit = DEFAULT_LIMIT) => Math.min(Math.max(Math.trunc(limit), 1), MAX_LIMIT)
