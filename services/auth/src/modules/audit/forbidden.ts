import type { Forbidden } from "@gatepost/http"
import type { Db } from "@gatepost/postgres"
import { type AuditSource, insertAuditEvent } from "./audit.repository.js"

const MINUTE_MS = 60_000
const MAX_PER_MINUTE = 30
const MAX_HELD = 10_000

export interface Refusal {
  /** Who it was: counted by session, or by client where there is none. */
  who: { accountId?: string | undefined; sessionId?: string | undefined; clientId: string }
  method: string
  path: string
  /** The error's code. */
  problem: string
}

/**
 * Writes who asked for what they may not (ASVS 16.3.2). Of one caller, each process keeps thirty a minute, the last
 * of which says that there were more: whoever has a token must not fill the table.
 */
export function createRefusals(db: Db) {
  const counts = new Map<string, { count: number; until: number }>()

  return async ({ who, method, path, problem }: Refusal, source: AuditSource): Promise<void> => {
    const count = counted(who.sessionId ?? who.clientId)
    if (count > MAX_PER_MINUTE) return
    const isLast = count === MAX_PER_MINUTE
    const detail = { method, path, problem, ...(isLast && { more_left_out: true }) }
    await insertAuditEvent(db, { event: "access.refused", outcome: "failure", ...who, detail }, source)
  }

  function counted(key: string): number {
    const now = performance.now()
    const known = counts.get(key)
    const current = known && known.until > now ? known : { count: 0, until: now + MINUTE_MS }
    current.count++
    counts.delete(key)
    counts.set(key, current)
    const [oldest] = counts.keys()
    if (counts.size > MAX_HELD && oldest !== undefined) counts.delete(oldest)
    return current.count
  }
}

/** The same for the routes of an API. */
export function noteForbidden(db: Db): (refusal: Forbidden) => Promise<void> {
  const note = createRefusals(db)
  return ({ caller, method, path, code, context }) => {
    const { clientId } = caller
    const who =
      caller.kind === "user"
        ? { accountId: caller.userId, sessionId: caller.sessionId, clientId }
        : { clientId }
    return note({ who, method, path, problem: code }, context)
  }
}
