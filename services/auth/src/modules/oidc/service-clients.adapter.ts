import type { Adapter } from "oidc-provider"
import type { ServiceClients } from "../service-clients/index.js"
import { serviceClient } from "./clients.js"
import { isSafeId } from "./stored-values.js"

/** Clients that are in no file: the provider asks for them each time, so a revoked one is out at once. */
export function serviceClientsAdapter({ serviceClients }: { serviceClients: ServiceClients }): Adapter {
  const notHere = async () => undefined
  return {
    async find(id) {
      const client = isSafeId(id) ? await serviceClients.findLive(id) : undefined
      return client && { ...serviceClient(client) }
    },
    upsert: notHere,
    consume: notHere,
    destroy: notHere,
    revokeByGrantId: notHere,
    findByUid: notHere,
    findByUserCode: notHere,
  }
}
