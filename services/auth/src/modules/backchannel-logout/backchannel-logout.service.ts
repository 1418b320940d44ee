import type { Egress } from "@gatepost/egress"
import { type Database, listen } from "@gatepost/postgres"
import { createPulse, type Logger } from "@gatepost/runtime"
import type { Registry } from "prom-client"
import type { Apps } from "../apps/index.js"
import type { SigningKeys } from "../signing-keys/index.js"
import { backchannelLogoutRepository, CHANNEL } from "./backchannel-logout.repository.js"
import type { Delivery } from "./backchannel-logout.types.js"
import { createSender } from "./sender.js"

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

export interface BackchannelLogout {
  /** Deletes what is long over; returns how many. */
  sweep(): Promise<number>
  /** Waits for what is on its way. */
  stop(): Promise<void>
}

const POLL_MS = 1_000
// Of one client, in this process: one that is slow keeps the others' places free.
const PLACES = 4
// A try takes five seconds at most; a process that died in it delays its deliveries by this much.
const LEASE_SECONDS = 30

/**
 * Tells clients of the sessions that have ended (OpenID Connect Back-Channel Logout 1.0, check 94): each end has
 * left a row, which is due until the client has taken a token for it. Any number of processes share the work.
 */
export async function openBackchannelLogout(deps: BackchannelLogoutDeps): Promise<BackchannelLogout> {
  const { database, databaseUrl, apps, logger } = deps
  const repository = backchannelLogoutRepository(database.db)
  const uris = urisOf(apps)
  await repository.updateClients([...uris.keys()])
  const sweep = repository.deleteOld
  if (uris.size === 0) return { sweep, stop: async () => {} }

  const send = createSender({ ...deps, repository, uris })
  const underWay = new Map([...uris.keys()].map((clientId) => [clientId, new Set<Promise<void>>()]))
  const pulse = createPulse({
    name: "back-channel logout",
    intervalMs: POLL_MS,
    logger,
    task: async () => {
      const free = [...underWay].map(([clientId, { size }]) => ({ clientId, places: PLACES - size }))
      for (const delivery of await repository.claimDue(free, LEASE_SECONDS)) launch(delivery)
    },
  })
  const listener = listen(databaseUrl, CHANNEL, pulse.wake, logger)
  pulse.start()

  return {
    sweep,
    async stop() {
      await listener.close()
      await pulse.stop()
      await Promise.all([...underWay.values()].flatMap((sendings) => [...sendings]))
    },
  }

  function launch(delivery: Delivery): void {
    const sendings = underWay.get(delivery.clientId)
    const sending = send(delivery).finally(() => {
      sendings?.delete(sending)
      pulse.wake()
    })
    sendings?.add(sending)
  }
}

const urisOf = (apps: Apps) =>
  new Map(
    apps
      .list()
      .flatMap(({ client_id, backchannel_logout_uri: uri }) => (uri ? [[client_id, uri] as const] : [])),
  )
