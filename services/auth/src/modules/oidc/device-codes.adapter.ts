import type { Limiter } from "@gatepost/http"
import type { Database } from "@gatepost/postgres"
import { type Adapter, type AdapterPayload, errors } from "oidc-provider"
import { artifactsAdapter, hashOf } from "./artifacts.adapter.js"
import { isForDevice } from "./current-request.js"
import { countGuess } from "./limits.js"
import { oidcArtifactsRepository } from "./oidc-artifacts.repository.js"
import { toJson } from "./stored-values.js"

/**
 * Stands before the stored id of what was found by its user code, so that the provider can store it again.
 * Nobody sends such an id: where devices are let in, it comes from an interaction.
 */
const STORED = "stored:"

const storedId = (id: string) =>
  isForDevice() && id.startsWith(STORED) ? id.slice(STORED.length) : hashOf(id)

/** Of all who typed a code in, one says yes or no, and may be asked for more then. */
const isFirstWord = ({ inFlight, accountId, error }: AdapterPayload) =>
  isForDevice() && (inFlight ? !accountId && !error : error !== undefined)

/** Codes that a device shows, and asks the token endpoint with (RFC 8628). */
export function deviceCodesAdapter(deps: { database: Database; limiter: Limiter }): Adapter {
  const codes = artifactsAdapter("DeviceCode", deps, storedId)
  const artifacts = oidcArtifactsRepository(deps.database.db)

  return {
    ...codes,
    async upsert(id, payload, expiresIn) {
      if (!isFirstWord(payload)) return codes.upsert(id, payload, expiresIn)
      const { jti, ...word } = payload
      if (await artifacts.updateUndecidedDevice(storedId(id), toJson(word))) return
      // Its name is what the page shows a text for, as where the provider sees it by itself.
      throw Object.assign(new errors.InvalidRequest("the code was used already"), {
        name: "AlreadyUsedError",
      })
    },
    async find(id) {
      const code = await codes.find(id)
      // Two polls at once are no theft, as a second use of an authorization code is: the provider would end both.
      return code?.consumed ? undefined : code
    },
    async findByUserCode(userCode) {
      const forgive = await countGuess(deps.limiter)
      const code = await artifacts.findArtifact("DeviceCode", "user_code", userCode)
      if (!code) return undefined
      await forgive()
      return { ...code.payload, jti: STORED + code.id }
    },
  }
}
