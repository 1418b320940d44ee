import { scopes } from "@gatepost/contracts"
import { newId } from "@gatepost/runtime"
import type Provider from "oidc-provider"
import type { KoaContextWithOIDC } from "oidc-provider"
import type { Apps } from "../apps/index.js"

/** The grant of this browser and client; for an app of the operator's own it is made without asking. */
export async function loadExistingGrant(ctx: KoaContextWithOIDC, apps: Apps, audience: string) {
  const { provider, client, session, result } = ctx.oidc
  if (!client || !session?.accountId) return undefined
  const { Grant } = provider
  const grantId = result?.consent?.grantId ?? session.grantIdFor(client.clientId)
  const existing = grantId ? await Grant.find(grantId) : undefined
  if (!apps.find(client.clientId)?.first_party) return existing

  const grant =
    existing ?? new Grant({ jti: newId(), accountId: session.accountId, clientId: client.clientId } as never)
  const before = JSON.stringify(grant)
  grant.addOIDCScope([...ctx.oidc.requestParamOIDCScopes].join(" "))
  const apiScopes = [...ctx.oidc.requestParamScopes].filter((scope) => scope in scopes)
  if (apiScopes.length > 0) grant.addResourceScope(audience, apiScopes.join(" "))
  if (!existing || JSON.stringify(grant) !== before) await grant.save()
  return grant
}

type Interaction = Awaited<ReturnType<Provider["interactionDetails"]>>

/** Grants what a person has just agreed to, on top of what was granted before; returns the grant's id. */
export async function grantInteraction(provider: Provider, interaction: Interaction): Promise<string> {
  const { prompt, session, params, grantId } = interaction
  const existing = grantId ? await provider.Grant.find(grantId) : undefined
  const grant =
    existing ??
    new provider.Grant({ jti: newId(), accountId: session?.accountId, clientId: params.client_id } as never)
  const missing = prompt.details as {
    missingOIDCScope?: string[]
    missingOIDCClaims?: string[]
    missingResourceScopes?: Record<string, string[]>
  }
  if (missing.missingOIDCScope) grant.addOIDCScope(missing.missingOIDCScope.join(" "))
  if (missing.missingOIDCClaims) grant.addOIDCClaims(missing.missingOIDCClaims)
  for (const [resource, names] of Object.entries(missing.missingResourceScopes ?? {})) {
    grant.addResourceScope(resource, names.join(" "))
  }
  return grant.save()
}
