import { scopes } from "@gatepost/contracts"
import { newId } from "@gatepost/runtime"
import type Provider from "oidc-provider"
import type { Grant, KoaContextWithOIDC } from "oidc-provider"
import type { Apps } from "../apps/index.js"
import { isForDevice } from "./current-request.js"

/** What a consent prompt asks for on top of what was granted before. */
export interface Asked {
  missingOIDCScope?: string[]
  missingResourceScopes?: Record<string, string[]>
}

type Interaction = Awaited<ReturnType<Provider["interactionDetails"]>>

/** The result of an interaction in which a person agreed to what was asked, and to nothing else. */
export const consentTo = ({ prompt }: Interaction) => ({ consent: { to: prompt.details as Asked } })

/**
 * The grant of this browser and client, with what was just agreed to; for an app of the operator's own
 * it is made without asking. Grants are stored here, within the provider's request.
 */
export async function loadExistingGrant(ctx: KoaContextWithOIDC, apps: Apps, audience: string) {
  const { provider, client, session, result } = ctx.oidc
  if (!client || !session?.accountId) return undefined
  const isOurs = apps.find(client.clientId)?.first_party ?? false
  const agreed = (result?.consent as { to?: Asked } | undefined)?.to
  const existing = await findGrant(ctx)
  if (!existing && (await hasEndedSession(ctx))) return undefined
  if (!isOurs && !agreed) return existing

  const { accountId } = session
  const grant =
    existing ?? new provider.Grant({ jti: newId(), accountId, clientId: client.clientId } as never)
  const before = JSON.stringify(grant)
  if (agreed) add(grant, agreed)
  if (isOurs) {
    addOwnScopes(grant, [...ctx.oidc.requestParamOIDCScopes])
    const apiScopes = [...ctx.oidc.requestParamScopes].filter((scope) => scope in scopes)
    if (apiScopes.length > 0) grant.addResourceScope(audience, apiScopes.join(" "))
  }
  if (!existing || JSON.stringify(grant) !== before) await grant.save()
  return grant
}

/**
 * Whether the session that this browser had with the client was ended elsewhere: at the JSON door, in the
 * list of sessions, by theft. Whoever ended it did not mean it to begin again by itself.
 */
export async function hasEndedSession(ctx: KoaContextWithOIDC): Promise<boolean> {
  const { provider, client, session, result } = ctx.oidc
  if (!client || !session || result?.login) return false
  const grantId = session.grantIdFor(client.clientId)
  return grantId !== undefined && (await provider.Grant.find(grantId)) === undefined
}

async function findGrant(ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
  const { provider, client, session, entities } = ctx.oidc
  const ofDevice = (entities.Interaction as { grantId?: string } | undefined)?.grantId
  const grantId = isForDevice() ? ofDevice : client && session?.grantIdFor(client.clientId)
  return grantId ? provider.Grant.find(grantId) : undefined
}

/** The provider counts the API's scopes among its own, which mean something with a resource alone. */
function addOwnScopes(grant: Grant, names: string[]): void {
  const [ofApi, own] = [names.filter((name) => name in scopes), names.filter((name) => !(name in scopes))]
  if (own.length > 0) grant.addOIDCScope(own.join(" "))
  if (ofApi.length > 0) grant.rejectOIDCScope(ofApi.join(" "))
}

function add(grant: Grant, asked: Asked): void {
  addOwnScopes(grant, asked.missingOIDCScope ?? [])
  for (const [resource, names] of Object.entries(asked.missingResourceScopes ?? {})) {
    grant.addResourceScope(resource, names.join(" "))
  }
}
