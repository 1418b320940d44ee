import type { Limiter } from "@gatepost/http"
import type { Database } from "@gatepost/postgres"
import { sha256 } from "@gatepost/runtime"
import { type Adapter, errors } from "oidc-provider"
import { currentContext } from "./current-request.js"
import { countUse } from "./limits.js"
import { oidcArtifactsRepository } from "./oidc-artifacts.repository.js"
import { isSafeId, toJson } from "./stored-values.js"

const FALLBACK_TTL_SECONDS = 3_600

/** What ID tokens come of. */
const CODES = new Set(["AuthorizationCode", "DeviceCode"])

/** Ids are bearer values, and stored as hashes. */
export const hashOf = (id: string): string => sha256(id).toString("base64url")

/**
 * What the provider keeps for itself. Each `consume` is one guarded UPDATE that throws when it was not
 * first (M1).
 */
export function artifactsAdapter(
  model: string,
  { database, limiter }: { database: Database; limiter: Limiter },
  storedId: (id: string) => string = hashOf,
): Adapter {
  const artifacts = oidcArtifactsRepository(database.db)
  const notHere = async () => undefined

  return {
    async upsert(id, payload, expiresIn) {
      const { jti, ...rest } = payload
      // Every ID token's `sid` is the session's id, as it is in access tokens and logout tokens (ADR 14).
      if (CODES.has(model))
        Object.assign(rest, { sid: payload.grantId, authTime: wholeSeconds(payload.authTime) })
      const artifact = {
        model,
        id: storedId(id),
        payload: toJson(rest),
        userCode: payload.userCode,
        ttlSeconds: expiresIn || FALLBACK_TTL_SECONDS,
      }
      if (model !== "ReplayDetection") return artifacts.upsertArtifact(artifact)
      // The provider looks first and stores then: of many uses at once, one may be the first (check 96).
      if (await artifacts.insertArtifact(artifact)) return
      const isAssertion = currentContext()?.oidc?.params?.client_assertion !== undefined
      throw isAssertion
        ? new errors.InvalidClientAuth("already used")
        : new errors.InvalidDpopProof("already used")
    },
    async find(id) {
      if (!isSafeId(id)) return undefined
      const artifact = await artifacts.findArtifact(model, "id", storedId(id))
      if (!artifact) return undefined
      if (model === "AuthorizationCode") await countUse(limiter, storedId(id))
      const { payload, consumedAt } = artifact
      return { ...payload, jti: id, ...(consumedAt && { consumed: consumedAt }) }
    },
    async consume(id) {
      if (await artifacts.consumeArtifact(model, storedId(id))) return
      if (model === "PushedAuthorizationRequest") throw new errors.InvalidRequestUri("already used")
      throw new errors.InvalidGrant("already used")
    },
    async destroy(id) {
      // The provider ends its grant next, and the token with it. Were that to fail, a second try has to find it.
      if (model !== "AccessToken") await artifacts.deleteArtifact(model, storedId(id))
    },
    // Without its grant nothing of it is worth anything; a code has to stay known, so that it can be told again.
    async revokeByGrantId() {},
    findByUid: notHere,
    findByUserCode: notHere,
  }
}

/** As tokens say it (OpenID Connect Core section 2); a browser's sign-in is known to the microsecond. */
const wholeSeconds = (time: unknown) => (typeof time === "number" ? Math.floor(time) : undefined)
