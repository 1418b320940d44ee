import { contextOf } from "@gatepost/http"
import { createLogger } from "@gatepost/runtime"
import Provider, { type KoaContextWithOIDC } from "oidc-provider"
import type { AuditSource } from "../audit/index.js"
import type { RefreshLookup } from "../sessions/index.js"

const silent = createLogger("oidc", "silent")

type Context = KoaContextWithOIDC | undefined

/** The provider's context of this request; outside of one there is none. */
export const currentContext = (): Context => Provider.ctx as Context

/** Where what is happening now came from, for the audit. */
export function currentSource(): AuditSource {
  const context = currentContext()
  if (!context) throw new Error("the OpenID Provider stores sessions within a request only")
  return sourceOf(context)
}

export const sourceOf = ({ req, res }: KoaContextWithOIDC): AuditSource =>
  contextOf(req as never, res as never, silent)

/** Whether the refresh token being stored is the successor of one that this request consumed. */
export const isRotation = (): boolean => rotatedToken() !== undefined

/** Whether this request asks the token endpoint for tokens. */
export const isExchange = (): boolean => currentContext()?.oidc?.route === "token"

/** Whether a person lets a device in, which gets a session of its own, whatever the browser has with that client. */
export const isForDevice = (): boolean =>
  /^(code_verification|device_resume)$/.test(currentContext()?.oidc?.route ?? "")

export interface CurrentBrowser {
  uid: string
  /** The id that its session had until this request gave it another. */
  formerId: string | undefined
  /** In seconds since 1970; 0 where nobody is. */
  signedInAt: number
  /** How (RFC 8176). */
  amr: string[]
}

export function currentBrowser(): CurrentBrowser {
  const session = currentContext()?.oidc?.session
  if (!session)
    throw new Error("the OpenID Provider stores browsers, and what is granted there, within a request")
  const { uid, loginTs = 0, amr = ["pwd"], oldId: formerId } = session as typeof session & { oldId?: string }
  return { uid, formerId, signedInAt: loginTs, amr }
}

/** What this request signs somebody out of: the whole browser, or one of the clients that were opened there. */
export function currentSignOut(): { of: "browser" | { clientId: string } } | undefined {
  const { route, params, client } = currentContext()?.oidc ?? {}
  if (route !== "end_session_confirm") return undefined
  if (params?.logout) return { of: "browser" }
  return client && { of: client }
}

/** Leaves the browser the cookie that it has. */
export function keepBrowserCookie(): void {
  const context = currentContext()
  if (!context) return
  const name = context.oidc.provider.cookieName("session")
  const lines = [context.response.get("Set-Cookie") ?? []].flat() as string[]
  const others = lines.filter((line) => !line.startsWith(`${name}=`) && !line.startsWith(`${name}.sig=`))
  context.remove("Set-Cookie")
  if (others.length > 0) context.set("Set-Cookie", others)
}

/** The provider would store the browser's session once more after the answer, even where it just could not. */
export const forgetBrowserChanges = (): void =>
  void Object.assign(currentContext()?.oidc?.session ?? {}, { touched: false })

export const rotatedToken = (): string | undefined =>
  currentContext()?.oidc?.entities?.RotatedRefreshToken?.jti

/** What this request found of a refresh token: rotating needs the session's salt. */
export const presentedInRequest = {
  get: (token: string): RefreshLookup | undefined => presentedOf()?.get(token),
  set: (token: string, presented: RefreshLookup): void => void presentedOf()?.set(token, presented),
}

const byContext = new WeakMap<object, Map<string, RefreshLookup>>()

function presentedOf(): Map<string, RefreshLookup> | undefined {
  const context = currentContext()
  if (!context) return undefined
  const known = byContext.get(context) ?? new Map<string, RefreshLookup>()
  byContext.set(context, known)
  return known
}
