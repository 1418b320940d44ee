import { isStorable } from "@gatepost/http"
import type { Database } from "@gatepost/postgres"
import { sha256 } from "@gatepost/runtime"
import { type Adapter, type AdapterPayload, errors } from "oidc-provider"
import type { SessionStore } from "../sessions/index.js"
import { isStillSignedIn, signedOutSessions } from "./browser-sessions.js"
import { currentSource, isExchange } from "./current-request.js"
import { oidcArtifactsRepository, type StoredArtifact } from "./oidc-artifacts.repository.js"

/** Looked up by other columns, or by us; every other model's id is a bearer value and is stored hashed. */
const PLAIN_IDS = new Set(["Session", "Interaction"])

/** oidc-provider hands ids over unchecked, and PostgreSQL answers NUL with an error (SECURITY.md M2). */
const SAFE_ID = /^[A-Za-z0-9_.~+/=:-]{1,256}$/

/**
 * Stands before the stored id of what was found by another column, so that the provider can store it again.
 * Clients don't come by it: at the token endpoint it is an id like any other.
 */
const STORED = "stored:"

const FALLBACK_TTL_SECONDS = 3_600

/** What ID tokens come of. */
const CODES = new Set(["AuthorizationCode", "DeviceCode"])

interface Deps {
  database: Database
  store: SessionStore
}

/** Each `consume` is one guarded UPDATE that throws when it was not first (M1). */
export function artifactsAdapter(model: string, deps: Deps): Adapter {
  const artifacts = oidcArtifactsRepository(deps.database.db)
  const isPlain = PLAIN_IDS.has(model)
  const storedId = (id: string) => {
    if (isPlain) return id
    return id.startsWith(STORED) && !isExchange() ? id.slice(STORED.length) : sha256(id).toString("base64url")
  }
  const find = async (column: "id" | "uid" | "user_code", value: string) => {
    if (!SAFE_ID.test(value)) return undefined
    const artifact = await artifacts.findArtifact(model, column, column === "id" ? storedId(value) : value)
    if (!artifact || model !== "Session") return artifact
    return (await isStillSignedIn(artifact.payload, deps)) ? artifact : undefined
  }

  return {
    async upsert(id, payload, expiresIn) {
      const { jti, ...rest } = payload
      // Every ID token's `sid` is the session's id, as it is in access tokens and logout tokens (ADR 14).
      if (CODES.has(model)) rest.sid = payload.grantId
      const artifact = {
        model,
        id: storedId(id),
        payload: toJson(isPlain ? payload : rest),
        grantId: payload.grantId,
        uid: payload.uid,
        userCode: payload.userCode,
        ttlSeconds: expiresIn || FALLBACK_TTL_SECONDS,
      }
      if (model !== "ReplayDetection") return artifacts.upsertArtifact(artifact)
      // The provider looks first and stores then: of many uses at once, one may be the first (check 96).
      if (!(await artifacts.insertArtifact(artifact))) throw new errors.InvalidDpopProof("already used")
    },
    async find(id) {
      const artifact = await find("id", id)
      // Two polls at once are no theft, as a second use of an authorization code is: the provider would end both.
      if (model === "DeviceCode" && artifact?.consumedAt) return undefined
      return artifact && toPayload(artifact, isPlain ? undefined : id)
    },
    async findByUid(uid) {
      const artifact = await find("uid", uid)
      return artifact && toPayload(artifact)
    },
    async findByUserCode(userCode) {
      const artifact = await find("user_code", userCode)
      return artifact && toPayload(artifact, STORED + artifact.id)
    },
    async consume(id) {
      const first = await artifacts.consumeArtifact(model, storedId(id))
      if (!first) throw new errors.InvalidGrant("already used")
    },
    async destroy(id) {
      if (model === "Session") return destroyBrowserSession(id, deps)
      // The provider ends its grant next, and the token with it. Were that to fail, a second try has to find it.
      if (model !== "AccessToken") await artifacts.deleteArtifact(model, storedId(id))
    },
    // Without its grant nothing of it is worth anything; a code has to stay known, so that it can be told again.
    async revokeByGrantId() {},
  }
}

/** In one transaction with what signing out here means for the sessions that live on. */
async function destroyBrowserSession(id: string, { database, store }: Deps): Promise<void> {
  await database.transaction(async (trx) => {
    const payload = await oidcArtifactsRepository(trx).deleteArtifact("Session", id)
    const signedOut = payload ? signedOutSessions(payload) : []
    if (signedOut.length > 0) await store.signOut(trx, signedOut, currentSource())
  })
}

/** Requests are stored as they came, and PostgreSQL's JSON takes neither NUL nor half a character (check 21). */
const toJson = (payload: object): string =>
  JSON.stringify(payload, (name, value) => {
    if (isStorable(name) && (typeof value !== "string" || isStorable(value))) return value
    throw new errors.InvalidRequest("a parameter has a character that is none")
  })

function toPayload(artifact: StoredArtifact, jti?: string): AdapterPayload {
  return {
    ...artifact.payload,
    ...(jti && { jti }),
    ...(artifact.consumedAt && { consumed: artifact.consumedAt }),
  }
}
