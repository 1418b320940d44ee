import type { Database } from "@gatepost/postgres"
import type { Logger, Sealer } from "@gatepost/runtime"
import type { Registry } from "prom-client"
import type { Farewell } from "../accounts/index.js"
import {
  type Deliveries,
  type Delivery,
  deliveriesRepository,
  openDeliveries,
  type TryResult,
} from "../deliveries/index.js"
import {
  CHANNEL,
  REVOCATIONS,
  type RevocationFacts,
  upstreamRevocationsRepository,
} from "./upstream-revocations.repository.js"
import type { Upstreams } from "./upstreams.js"

export interface UpstreamRevocationsDeps {
  database: Database
  /** Of the same database, for a connection that listens. */
  databaseUrl: string
  sealer: Sealer
  upstreams: Upstreams
  metrics: { registry: Registry }
  logger: Logger
}

// Under the eight days for which deliveries are kept. A 400 may come of a fault at the provider.
const POLICY = { longestPauseSeconds: 3_600, giveUpSeconds: 7 * 86_400, maxRefusals: 5 }

/** Notes which tokens of somebody who leaves are to be given back, while their identities are there. */
export const upstreamFarewell: Farewell = (trx, { id }) => upstreamRevocationsRepository(trx).insertAll(id)

/** Gives tokens back to the providers that want them, Apple's rule for apps whose accounts can be deleted. */
export function openUpstreamRevocations(deps: UpstreamRevocationsDeps): Deliveries {
  const { database, sealer, upstreams } = deps
  const providers = upstreams.revoking()
  if (providers.length === 0)
    return { sweep: deliveriesRepository(database.db, REVOCATIONS).deleteOld, stop: async () => {} }

  return openDeliveries<RevocationFacts>({
    ...deps,
    what: "token of a provider",
    metrics: {
      registry: deps.metrics.registry,
      prefix: "upstream_revocation",
      label: "provider",
      of: "given up token",
    },
    table: REVOCATIONS,
    channel: CHANNEL,
    policy: POLICY,
    listTargets: async () => providers,
    send,
    factsOf: ({ id, targetId, tries }) => ({ delivery: id, provider: targetId, tries }),
  })

  async function send(delivery: Delivery & RevocationFacts): Promise<TryResult> {
    const { id, targetId, tokenSealed, upstreamClientId } = delivery
    const upstream = upstreams.byId(targetId)
    if (!upstream?.revoke) return { kind: "failed", answer: "no such provider" }
    // Given back by a try that could not note it.
    if (!tokenSealed) return { kind: "delivered", answer: "given back" }
    const status = await upstream.revoke(sealer.open(tokenSealed, id), upstreamClientId)
    const answer = `status ${status}`
    if (status !== 200) return { kind: status === 400 ? "refused" : "failed", answer }
    await upstreamRevocationsRepository(database.db).updateGivenBack(id)
    return { kind: "delivered", answer }
  }
}
