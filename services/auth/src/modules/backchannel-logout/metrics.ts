import { Counter, Gauge, type Registry } from "prom-client"
import type { BackchannelLogoutRepository } from "./backchannel-logout.repository.js"

export type Tries = Counter<"client_id" | "outcome">

/** @returns the counter of tries */
export function registerMetrics(
  registry: Registry,
  clientIds: readonly string[],
  repository: BackchannelLogoutRepository,
): Tries {
  new Gauge({
    name: "backchannel_logout_oldest_seconds",
    help: "Seconds since the oldest session ended that its client was not told of; 0 for none",
    labelNames: ["client_id"],
    registers: [registry],
    async collect() {
      // Without the database the other figures are still wanted.
      const rows = await repository.listOldest().catch(() => undefined)
      const ages = new Map(rows?.map(({ clientId, age }) => [clientId, age]))
      if (rows) for (const client_id of clientIds) this.set({ client_id }, ages.get(client_id) ?? 0)
    },
  })
  return new Counter({
    name: "backchannel_logout_tries_total",
    help: "Logout tokens sent: delivered, refused (by a 400), failed, or blocked as the target is not public",
    labelNames: ["client_id", "outcome"],
    registers: [registry],
  })
}
