import type { Db } from "@gatepost/postgres"

export interface AuditSearch {
  accountId?: string | undefined
  sessionId?: string | undefined
  event?: string | undefined
  outcome?: "success" | "failure" | undefined
  ip?: string | undefined
  from?: string | undefined
  until?: string | undefined
  /** An id; those that are older. */
  before?: string | undefined
}

export interface FoundEvent {
  id: string
  at: Date
  event: string
  outcome: "success" | "failure"
  account_id: string | null
  session_id: string | null
  client_id: string | null
  ip: string | null
  user_agent: string | null
  request_id: string | null
  detail: Record<string, unknown>
}

const CONDITIONS: [keyof AuditSearch, string][] = [
  ["accountId", "account_id = :accountId"],
  ["sessionId", "session_id = :sessionId"],
  ["event", "event = :event"],
  ["outcome", "outcome = :outcome"],
  ["ip", "ip = :ip::inet"],
  ["from", "at >= :from"],
  ["until", "at < :until"],
  ["before", "id < :before"],
]

export const auditSearchRepository = (db: Db) => ({
  /** The newest first. */
  async listEvents(search: AuditSearch, limit: number): Promise<FoundEvent[]> {
    const asked = CONDITIONS.filter(([name]) => search[name] !== undefined)
    const where = asked.length > 0 ? `where ${asked.map(([, sql]) => sql).join(" and ")}` : ""
    const { rows } = await db.raw(
      `select id, at, event, outcome, account_id, session_id, client_id, host(ip) as ip, user_agent, request_id, detail
       from auth.audit_events ${where} order by id desc limit :limit`,
      { ...Object.fromEntries(asked.map(([name]) => [name, search[name] ?? null])), limit },
    )
    return rows
  },
})
