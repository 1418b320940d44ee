import path from "node:path"
import { fileURLToPath } from "node:url"
import { betterAuth } from "./better-auth.js"
import { directus } from "./directus.js"
import { expressOauth2JwtBearer } from "./express-oauth2-jwt-bearer.js"
import { jose } from "./jose.js"
import { oidcProvider } from "./oidc-provider.js"
import { parseServer } from "./parse-server.js"
import type { InstalledPeer, Peer } from "./peer.js"

/** Every peer there is an adapter for. */
export const peers: readonly Peer[] = [
  betterAuth,
  directus,
  parseServer,
  oidcProvider,
  jose,
  expressOauth2JwtBearer,
]

const CACHE = fileURLToPath(new URL("../../../../node_modules/.cache/gatepost-bench", import.meta.url))

/** @param onInstall told before each, since the first time may take minutes */
export async function installPeers(
  names: readonly string[],
  onInstall: (name: string) => void,
): Promise<InstalledPeer[]> {
  const chosen = peers.filter(({ name }) => names.includes(name))
  const installed: InstalledPeer[] = []
  for (const peer of chosen) {
    onInstall(peer.name)
    const cacheDir = path.join(CACHE, peer.name)
    await peer.install(cacheDir)
    installed.push({ ...peer, cacheDir })
  }
  return installed
}
