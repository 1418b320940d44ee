import { Problem, type RequestContext, type UserCaller } from "@gatepost/http"
import type { Database } from "@gatepost/postgres"
import { type Account, type Exporter, toUserView } from "../accounts/index.js"
import type { Apps } from "../apps/index.js"
import { insertAuditEvent } from "../audit/index.js"
import type { SignInPolicy } from "../sessions/index.js"
import { exportsRepository } from "./exports.repository.js"

export type ExportsService = ReturnType<typeof createExportsService>

/** @param exporters of what other modules know; the one here has the tables that every account has */
export function createExportsService({
  database,
  apps,
  policy,
  exporters,
}: {
  database: Database
  apps: Apps
  policy: Pick<SignInPolicy, "assertLevel">
  exporters: readonly Exporter[]
}) {
  return {
    /** @throws Problem `token.scope-missing` for somebody else's app; `mfa.step-up-required` */
    async exportOf(account: Account, caller: UserCaller, context: RequestContext) {
      if (!apps.find(caller.clientId)?.first_party) throw new Problem("token.scope-missing")
      await policy.assertLevel(caller)
      const own = await exportsRepository(database.db).findAll(account.id)
      const others: Record<string, unknown>[] = []
      for (const exporter of exporters) others.push(await exporter(database.db, account))
      const event = { event: "account.exported", outcome: "success", accountId: account.id } as const
      await insertAuditEvent(database.db, { ...event, clientId: caller.clientId }, context)
      return {
        exported_at: new Date().toISOString(),
        user: toUserView(account),
        ...own,
        ...Object.assign({}, ...others),
      }
    },
  }
}
