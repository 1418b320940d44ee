import type { Database } from "@gatepost/postgres"
import type { Logger } from "@gatepost/runtime"
import type Provider from "oidc-provider"
import type { KoaContextWithOIDC } from "oidc-provider"
import { insertAuditEvent } from "../audit/index.js"
import { sourceOf } from "./current-request.js"

/** Who shows a token and asks for what it is not for stands in the audit, as at the JSON door (ASVS 16.3.2). */
export function noteForbidden(provider: Provider, deps: { database: Database; logger: Logger }): void {
  provider.use(async (ctx: KoaContextWithOIDC, next: () => Promise<void>) => {
    await next()
    const token = ctx.oidc?.accessToken
    if (ctx.status !== 403 || !token) return
    const { accountId, clientId, grantId: sessionId } = token
    const { error = "" } = (ctx.body ?? {}) as { error?: string }
    const detail = { method: ctx.method, path: `/oidc${ctx.path}`, problem: error }
    const event = { event: "access.refused", outcome: "failure", detail } as const
    try {
      await insertAuditEvent(
        deps.database.db,
        { ...event, accountId, sessionId, clientId: String(clientId) },
        sourceOf(ctx),
      )
    } catch (cause) {
      deps.logger.warn({ err: cause }, "a refusal could not be kept")
    }
  })
}
