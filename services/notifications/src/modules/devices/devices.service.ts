import type { Egress } from "@gatepost/egress"
import { Problem } from "@gatepost/http"
import type { Database } from "@gatepost/postgres"
import { newId, sha256 } from "@gatepost/runtime"
import { devicesRepository } from "./devices.repository.js"
import type { RegisterDevice } from "./devices.schemas.js"
import type { Device } from "./devices.types.js"

export type DevicesService = ReturnType<typeof createDevicesService>

const MAX_DEVICES = 20

export function createDevicesService({ database, egress }: { database: Database; egress: Egress }) {
  return {
    /**
     * Makes a device the caller's, whoever had it before; again with the same address it is only seen. Of more than
     * 20 devices the one that was not seen for longest is forgotten.
     *
     * @throws Problem `request.invalid` for an endpoint that is not for us to call (T11, check 122)
     */
    async register(userId: string, body: RegisterDevice): Promise<Device> {
      if (body.kind === "web-push") assertReachable(body.subscription.endpoint)
      const { kind, name } = body
      const address = kind === "web-push" ? body.subscription.endpoint : body.token
      const keys = kind === "web-push" ? body.subscription.keys : undefined
      const addressHash = sha256(`${kind} ${address}`)

      return database.transaction(async (trx) => {
        const repository = devicesRepository(trx)
        await repository.lockDevices(userId)
        const device = { id: newId(), userId, kind, address, addressHash, keys, name }
        const registered = await repository.upsertDevice(device)
        await repository.deleteBeyond(userId, MAX_DEVICES)
        return registered
      })
    },

    list: (userId: string) => devicesRepository(database.db).listDevices([userId]),

    /** @throws Problem `device.not-found`, also for somebody else's */
    async remove(userId: string, id: string): Promise<void> {
      if (!(await devicesRepository(database.db).deleteDevice(userId, id)))
        throw new Problem("device.not-found")
    },
  }

  function assertReachable(endpoint: string): void {
    const fault = egress.faultOf(endpoint)
    if (fault)
      throw new Problem("request.invalid", {
        errors: [{ pointer: "/subscription/endpoint", message: fault }],
      })
  }
}
