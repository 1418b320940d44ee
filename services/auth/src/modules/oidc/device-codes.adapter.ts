import type { Database } from "@gatepost/postgres"
import type { Adapter } from "oidc-provider"
import { artifactsAdapter, hashOf } from "./artifacts.adapter.js"
import { isForDevice } from "./current-request.js"
import { oidcArtifactsRepository } from "./oidc-artifacts.repository.js"

/**
 * Stands before the stored id of what was found by its user code, so that the provider can store it again.
 * Nobody sends such an id: where devices are let in, it comes from an interaction.
 */
const STORED = "stored:"

const storedId = (id: string) =>
  isForDevice() && id.startsWith(STORED) ? id.slice(STORED.length) : hashOf(id)

/** Codes that a device shows, and asks the token endpoint with (RFC 8628). */
export function deviceCodesAdapter(deps: { database: Database }): Adapter {
  const codes = artifactsAdapter("DeviceCode", deps, storedId)

  return {
    ...codes,
    async find(id) {
      const code = await codes.find(id)
      // Two polls at once are no theft, as a second use of an authorization code is: the provider would end both.
      return code?.consumed ? undefined : code
    },
    async findByUserCode(userCode) {
      const artifacts = oidcArtifactsRepository(deps.database.db)
      const code = await artifacts.findArtifact("DeviceCode", "user_code", userCode)
      return code && { ...code.payload, jti: STORED + code.id }
    },
  }
}
