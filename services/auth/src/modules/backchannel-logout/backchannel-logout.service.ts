import type { Egress } from "@gatepost/egress"
import type { Database } from "@gatepost/postgres"
import type { Logger } from "@gatepost/runtime"
import type { Registry } from "prom-client"
import type { Apps } from "../apps/index.js"
import {
  type Deliveries,
  type Delivery,
  deliveriesRepository,
  openDeliveries,
  type TryResult,
} from "../deliveries/index.js"
import type { SigningKeys } from "../signing-keys/index.js"
import {
  backchannelLogoutRepository,
  CHANNEL,
  LOGOUTS,
  type LogoutFacts,
} from "./backchannel-logout.repository.js"
import { mintLogoutToken } from "./logout-token.js"

export interface BackchannelLogoutDeps {
  database: Database
  /** Of the same database, for a connection that listens. */
  databaseUrl: string
  apps: Apps
  egress: Egress
  keys: SigningKeys
  issuer: string
  metrics: { registry: Registry }
  logger: Logger
}

// Back-Channel Logout section 2.8: 400 also says that the logout failed, which may be over in a minute.
const POLICY = { longestPauseSeconds: 900, giveUpSeconds: 86_400, maxRefusals: 5 }

/**
 * Tells clients of the sessions that have ended (OpenID Connect Back-Channel Logout 1.0, check 94): each end has
 * left a row, which is due until the client has taken a token for it.
 */
export async function openBackchannelLogout(deps: BackchannelLogoutDeps): Promise<Deliveries> {
  const { database, apps, egress, keys, issuer } = deps
  const uris = urisOf(apps)
  const clientIds = [...uris.keys()]
  await backchannelLogoutRepository(database.db).updateClients(clientIds)
  if (uris.size === 0)
    return { sweep: deliveriesRepository(database.db, LOGOUTS).deleteOld, stop: async () => {} }

  return openDeliveries({
    ...deps,
    what: "logout",
    metrics: {
      registry: deps.metrics.registry,
      prefix: "backchannel_logout",
      label: "client_id",
      of: "session's end",
    },
    table: LOGOUTS,
    channel: CHANNEL,
    policy: POLICY,
    listTargets: async () => clientIds,
    send,
    factsOf: ({ id, targetId, sessionId, tries }) => ({
      delivery: id,
      client_id: targetId,
      session_id: sessionId,
      tries,
    }),
  })

  async function send(delivery: Delivery & LogoutFacts): Promise<TryResult> {
    // Signed for this try, so that a late one has neither an old key nor an old time.
    const logout_token = await mintLogoutToken(delivery, keys.current(), issuer)
    const status = await egress.postForm(uris.get(delivery.targetId) ?? "", { logout_token })
    return { kind: kindOf(status), answer: `status ${status}` }
  }
}

/** Back-Channel Logout section 2.8; some frameworks make a 204 of an empty 200. */
function kindOf(status: number): TryResult["kind"] {
  if (status === 200 || status === 204) return "delivered"
  return status === 400 ? "refused" : "failed"
}

const urisOf = (apps: Apps) =>
  new Map(
    apps
      .list()
      .flatMap(({ client_id, backchannel_logout_uri: uri }) => (uri ? [[client_id, uri] as const] : [])),
  )
