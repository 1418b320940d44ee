import type { IncomingMessage, ServerResponse } from "node:http"
import { Router } from "express"
import type { SigningKeys } from "../signing-keys/index.js"
import { buildProvider, type ProviderDeps } from "./provider.js"

const DISCOVERY_PATHS = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server/oidc"]

/**
 * The OpenID Provider at `/oidc`, and its discovery at the places of OpenID Connect and RFC 8414.
 * Goes in front of every body parser. When the key set changes, a new provider takes over.
 */
export function mountOidc(
  deps: Omit<ProviderDeps, "keys"> & { keys: SigningKeys; publicUrl: string },
): Router {
  const build = () => buildProvider({ ...deps, keys: deps.keys.list() }).callback()
  const { host, protocol } = new URL(deps.publicUrl)
  let answer = build()
  deps.keys.onChange(() => {
    answer = build()
  })

  // M20: the provider would take its endpoints' URLs from the request.
  const serve = (req: IncomingMessage, res: ServerResponse) => {
    delete req.headers["x-forwarded-host"]
    req.headers.host = host
    req.headers["x-forwarded-proto"] = protocol.slice(0, -1)
    void answer(req, res)
  }
  const router = Router({ caseSensitive: true })
  router.get(DISCOVERY_PATHS, (req, res) => {
    req.url = "/.well-known/openid-configuration"
    req.originalUrl = `/oidc${req.url}`
    req.baseUrl = "/oidc"
    serve(req, res)
  })
  router.use("/oidc", serve)
  return router
}
