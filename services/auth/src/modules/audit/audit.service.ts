import { Problem, type UserCaller } from "@gatepost/http"
import type { Database } from "@gatepost/postgres"
import type { Sealer } from "@gatepost/runtime"
import type { Apps } from "../apps/index.js"
import { type AuditSearch, auditSearchRepository, type FoundEvent } from "./audit-search.repository.js"

export type AuditService = ReturnType<typeof createAuditService>

export interface Page {
  limit: number
  cursor?: string | undefined
}

const EVERYBODY = "everybody"

/** Reading what happened. @param deps.cursors seals where a page ended, for whom it was made (check 17) */
export function createAuditService({
  database,
  apps,
  cursors,
}: {
  database: Database
  apps: Apps
  cursors: Sealer
}) {
  return {
    /**
     * What happened to the caller, the newest first.
     *
     * @throws Problem `token.scope-missing` for somebody else's app; `request.invalid` for a cursor of another's
     */
    async listOwn(caller: UserCaller, page: Page) {
      if (!apps.find(caller.clientId)?.first_party) throw new Problem("token.scope-missing")
      return list({ accountId: caller.userId }, page, caller.userId)
    },

    /** @throws Problem `request.invalid` for a cursor that is none */
    search: (search: AuditSearch, page: Page) => list(search, page, EVERYBODY),
  }

  async function list(search: AuditSearch, { limit, cursor }: Page, reader: string) {
    const before = cursor === undefined ? undefined : positionOf(cursor, reader)
    const found = await auditSearchRepository(database.db).listEvents({ ...search, before }, limit + 1)
    const items = found.slice(0, limit)
    const last = items.at(-1)
    const next = found.length > limit && last ? cursors.seal(last.id, reader).toString("base64url") : null
    return { items: items.map(toView), next_cursor: next }
  }

  function positionOf(cursor: string, reader: string): string {
    const sealed = Buffer.from(cursor, "base64url")
    try {
      // Decoding passes over whatever is no base64url.
      if (sealed.toString("base64url") === cursor) return cursors.open(sealed, reader)
    } catch {
      // Somebody else's, or nobody's.
    }
    throw new Problem("request.invalid", {
      errors: [{ pointer: "/cursor", message: "is not one that was given" }],
    })
  }
}

const toView = ({ at, ...event }: FoundEvent) => ({ ...event, at: at.toISOString() })
