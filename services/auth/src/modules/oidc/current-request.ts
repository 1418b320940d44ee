import { contextOf } from "@gatepost/http"
import { createLogger } from "@gatepost/runtime"
import Provider, { type KoaContextWithOIDC } from "oidc-provider"
import type { AuditSource } from "../audit/index.js"
import type { RefreshLookup } from "../sessions/index.js"

const silent = createLogger("oidc", "silent")

type Context = KoaContextWithOIDC | undefined

/** The provider's context of this request; outside of one there is none. */
const current = (): Context => Provider.ctx as Context

/** Where what is happening now came from, for the audit. */
export function currentSource(): AuditSource {
  const context = current()
  if (!context) throw new Error("the OpenID Provider stores sessions within a request only")
  return contextOf(context.req as never, context.res as never, silent)
}

/** Whether the refresh token being stored is the successor of one that this request consumed. */
export const isRotation = (): boolean => rotatedToken() !== undefined

/** Whether this request asks the token endpoint for tokens. */
export const isExchange = (): boolean => current()?.oidc?.route === "token"

/** Of a request that signs somebody out of this browser: the clients where they stay signed in. */
export function currentSignOut(): { staysAt(clientId: string): boolean } | undefined {
  const { route, params, session } = current()?.oidc ?? {}
  if (route !== "end_session_confirm") return undefined
  return { staysAt: (clientId) => !params?.logout && session?.authorizations?.[clientId] !== undefined }
}

export const rotatedToken = (): string | undefined => current()?.oidc?.entities?.RotatedRefreshToken?.jti

/** What this request found of a refresh token: rotating needs the session's salt. */
export const presentedInRequest = {
  get: (token: string): RefreshLookup | undefined => presentedOf()?.get(token),
  set: (token: string, presented: RefreshLookup): void => void presentedOf()?.set(token, presented),
}

const byContext = new WeakMap<object, Map<string, RefreshLookup>>()

function presentedOf(): Map<string, RefreshLookup> | undefined {
  const context = current()
  if (!context) return undefined
  const known = byContext.get(context) ?? new Map<string, RefreshLookup>()
  byContext.set(context, known)
  return known
}
