import { type Limiter, type LimitName, markKnown, networkOf, Problem } from "@gatepost/http"
import type { Logger } from "@gatepost/runtime"
import type Provider from "oidc-provider"
import { type Client, errors, type KoaContextWithOIDC } from "oidc-provider"
import { currentBrowser, currentContext, currentSource, sourceOf } from "./current-request.js"

/** Where clients say who they are, and may prove it. */
const CLIENT_ROUTES = /^(token|introspection|revocation|device_authorization|pushed_authorization_request)$/

/** Where a client that proves nothing leaves something to be kept. */
const OPEN_TO_ALL = /^(device_authorization|pushed_authorization_request)$/

/**
 * The limits of SECURITY.md section 2 at the provider's endpoints: by client and address what clients are
 * refused, by address what nobody is known for. Each looks where the client is looked up, before it proves
 * itself, and counts when the answer is known; so the answers are the provider's own, of status 429.
 */
export function limitRequests(provider: Provider, { limiter, logger }: { limiter: Limiter; logger: Logger }) {
  const clientKeys = new WeakMap<KoaContextWithOIDC, string>()
  const { Client } = provider
  const find = Client.find

  Client.find = async (id) => {
    const client = await find.call(Client, id)
    const ctx = currentContext()
    if (ctx) await admitClient(ctx, client)
    return client
  }
  provider.use(async (ctx: KoaContextWithOIDC, next: () => Promise<void>) => {
    await next()
    if (!ctx.oidc || ctx.status === 429 || ctx.status >= 500) return
    const { ip } = sourceOf(ctx)
    if (isKnown(ctx)) markKnown(ctx.res as never)
    try {
      if (isRefusal(ctx)) await limiter.refused("client", clientKeys.get(ctx) ?? clientKey(undefined, ip))
      if (isAnonymousStart(ctx)) await limiter.refused("anonymous-start", ip)
    } catch (cause) {
      // What was done is done, so a limiter that is away must not turn it into an error.
      logger.warn({ err: cause }, "the limiter could not count a request at the OpenID Provider")
    }
  })

  async function admitClient(ctx: KoaContextWithOIDC, client: Client | undefined): Promise<void> {
    const { route } = ctx.oidc
    const { ip } = sourceOf(ctx)
    if (CLIENT_ROUTES.test(route) && !clientKeys.has(ctx)) {
      const key = clientKey(client, ip)
      clientKeys.set(ctx, key)
      await admit(limiter, "client", key)
    }
    const isAnonymous =
      route === "authorization"
        ? !ctx.oidc.session?.accountId
        : OPEN_TO_ALL.test(route) && client?.clientAuthMethod === "none"
    if (isAnonymous) await admit(limiter, "anonymous-start", ip)
  }
}

/** Of unknown clients there is one per address, whatever they call themselves. */
const clientKey = (client: Client | undefined, ip: string) => `${client?.clientId ?? "-"} ${networkOf(ip)}`

/**
 * Counts a guess at a device's user code before it is looked up, by address and by browser (RFC 8628
 * section 5.1).
 *
 * @returns takes it back, when it was none
 */
export async function countGuess(limiter: Limiter): Promise<() => Promise<void>> {
  const counters = [
    ["user-code", currentSource().ip],
    ["user-code-in-browser", currentBrowser().uid],
  ] as const
  for (const [limit, key] of counters) await admit(limiter, limit, key)
  return async () => {
    for (const [limit, key] of counters) await limiter.forgive(limit, key)
  }
}

/** Counts each use of a code, right or wrong. @throws TemporarilyUnavailable of status 429, with Retry-After */
export const countUse = (limiter: Limiter, codeHash: string): Promise<void> =>
  admit(limiter, "code", codeHash)

/** @throws TemporarilyUnavailable of status 429, with Retry-After */
async function admit(limiter: Limiter, limit: LimitName, key: string): Promise<void> {
  try {
    await limiter.admit(limit, key)
  } catch (refusal) {
    throw inOwnWords(refusal)
  }
}

/** A limit's refusal as the provider says it: an error of status 429, with Retry-After. */
export function inOwnWords(refusal: unknown): unknown {
  if (!(refusal instanceof Problem) || refusal.code !== "request.too-many") return refusal
  currentContext()?.set(refusal.headers)
  const error = new errors.TemporarilyUnavailable("too many requests")
  return Object.assign(error, { status: 429, statusCode: 429, allow_redirect: false })
}

const isWaiting = ({ body }: KoaContextWithOIDC): boolean =>
  (body as { error?: string } | undefined)?.error === "authorization_pending"

/** A device that asks whether it was let in yet is not refused. */
const isRefusal = (ctx: KoaContextWithOIDC): boolean =>
  CLIENT_ROUTES.test(ctx.oidc.route) && ctx.status >= 400 && !isWaiting(ctx)

/** A client that has proved who it is, or shows a token of ours; a device that waits. */
function isKnown(ctx: KoaContextWithOIDC): boolean {
  const { client, accessToken, route } = ctx.oidc
  const isProved =
    CLIENT_ROUTES.test(route) && client && client.clientAuthMethod !== "none" && ctx.status !== 401
  return isProved === true || accessToken !== undefined || isWaiting(ctx)
}

/** Of what is kept for somebody, or of a request that can't be read; not of an app that looks whether its person is known. */
function isAnonymousStart({ oidc, status }: KoaContextWithOIDC): boolean {
  if (OPEN_TO_ALL.test(oidc.route)) return status < 400 && oidc.client?.clientAuthMethod === "none"
  if (oidc.route !== "authorization" || oidc.session?.accountId) return false
  return status >= 400 || oidc.entities.Interaction !== undefined
}
