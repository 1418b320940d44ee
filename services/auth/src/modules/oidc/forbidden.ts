import type { Database } from "@gatepost/postgres"
import type { Logger } from "@gatepost/runtime"
import type Provider from "oidc-provider"
import type { KoaContextWithOIDC } from "oidc-provider"
import { createRefusals } from "../audit/index.js"
import { sourceOf } from "./current-request.js"

/** Who shows a token and asks for what it is not for stands in the audit, as at the JSON door (ASVS 16.3.2). */
export function noteForbidden(provider: Provider, deps: { database: Database; logger: Logger }): void {
  const note = createRefusals(deps.database.db)
  provider.use(async (ctx: KoaContextWithOIDC, next: () => Promise<void>) => {
    await next()
    const token = ctx.oidc?.accessToken
    if (ctx.status !== 403 || !token) return
    const { accountId, clientId, grantId: sessionId } = token
    const { error = "" } = (ctx.body ?? {}) as { error?: string }
    const who = { accountId, sessionId, clientId: String(clientId) }
    try {
      await note({ who, method: ctx.method, path: `/oidc${ctx.path}`, problem: error }, sourceOf(ctx))
    } catch (cause) {
      deps.logger.warn({ err: cause }, "a refusal could not be kept")
    }
  })
}
