import type { IncomingMessage, ServerResponse } from "node:http"
import express, { Router } from "express"
import type Provider from "oidc-provider"
import { errors } from "oidc-provider"
import type { SigningKeys } from "../signing-keys/index.js"
import { assertClients } from "./clients.js"
import { recentProof } from "./dpop-proofs.js"
import { buildProvider, type ProviderDeps } from "./provider.js"

const FORM = "application/x-www-form-urlencoded"
const DISCOVERY_PATHS = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server/oidc"]

// The provider's self-submitting forms lead to clients, and it adds the hash of their script by itself.
const POLICY = "default-src 'none'; script-src 'self'; frame-ancestors 'none'; base-uri 'none'"

export interface Oidc {
  /** At `/oidc`, and discovery at the places of OpenID Connect and RFC 8414. Goes in front of body parsers. */
  router: Router
  /** The provider of now: when the key set changes, a new one takes over. */
  provider(): Provider
  /** The sign-in that this browser is in the middle of; none where it has no cookie, or was away too long. */
  findInteraction(req: IncomingMessage, res: ServerResponse): Promise<Interaction | undefined>
}

export type Interaction = Awaited<ReturnType<Provider["interactionDetails"]>>

/** @throws ConfigError when an app can't be a client */
export async function openOidc(
  deps: Omit<ProviderDeps, "keys"> & { keys: SigningKeys; publicUrl: string },
): Promise<Oidc> {
  const build = () => {
    const provider = buildProvider({ ...deps, keys: deps.keys.list() })
    return { provider, answer: provider.callback() }
  }
  const { host, protocol } = new URL(deps.publicUrl)
  let current = build()
  deps.keys.onChange(() => {
    current = build()
  })
  await assertClients(current.provider, deps.apps)

  // M20: the provider would take its endpoints' URLs from the request.
  const serve = (req: IncomingMessage, res: ServerResponse) => {
    res.setHeader("Content-Security-Policy", POLICY)
    delete req.headers["x-forwarded-host"]
    req.headers.host = host
    req.headers["x-forwarded-proto"] = protocol.slice(0, -1)
    if (typeof req.headers.dpop === "string") req.headers.dpop = recentProof(req.headers.dpop)
    void current.answer(req, res)
  }
  const router = Router({ caseSensitive: true })
  router.get(DISCOVERY_PATHS, (req, res) => {
    req.url = "/.well-known/openid-configuration"
    req.originalUrl = `/oidc${req.url}`
    req.baseUrl = "/oidc"
    serve(req, res)
  })
  // OpenID Connect Core section 3.1.2.1 and RP-Initiated Logout section 2 want POST as well. It comes from
  // another site, so without our SameSite cookies, which the redirect brings.
  router.post(["/oidc/auth", "/oidc/session/end"], express.text({ type: FORM, limit: "8kb" }), (req, res) => {
    const form = typeof req.body === "string" ? req.body : ""
    res.redirect(303, `${req.path}?${new URLSearchParams(form)}`)
  })
  router.use("/oidc", serve)
  return {
    router,
    provider: () => current.provider,
    async findInteraction(req, res) {
      try {
        return await current.provider.interactionDetails(req, res)
      } catch (error) {
        if (error instanceof errors.SessionNotFound) return undefined
        throw error
      }
    },
  }
}
