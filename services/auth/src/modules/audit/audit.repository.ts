import { type Db, prepared } from "@gatepost/postgres"
import type { AuditEvent } from "./audit.types.js"

/** Where the event came from; a request's context has it. */
export interface AuditSource {
  requestId: string
  ip: string
  userAgent: string | undefined
}

/** Adds an event in the caller's transaction; one that no request caused has no source. */
export async function insertAuditEvent(
  db: Db,
  event: AuditEvent,
  source: Partial<AuditSource> = {},
): Promise<void> {
  await prepared(db, {
    name: "insert-audit-event",
    text: `insert into auth.audit_events
        (event, outcome, account_id, session_id, client_id, detail, ip, user_agent, request_id)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    values: [
      event.event,
      event.outcome,
      event.accountId,
      event.sessionId,
      event.clientId,
      JSON.stringify(event.detail ?? {}),
      source.ip,
      source.userAgent,
      source.requestId,
    ],
  })
}

/** What is personal of the events of an account that was deleted goes, in the caller's transaction. */
export async function eraseAuditEvents(trx: Db, accountId: string): Promise<void> {
  await trx.raw("select auth.erase_audit_events(?)", [accountId])
}
