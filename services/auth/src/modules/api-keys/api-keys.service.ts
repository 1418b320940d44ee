import { timingSafeEqual } from "node:crypto"
import { counterKey, type Limiter, Problem, type ServiceCaller, type UserCaller } from "@gatepost/http"
import type { Database, Db } from "@gatepost/postgres"
import { accountsRepository } from "../accounts/index.js"
import type { Apps } from "../apps/index.js"
import { type AuditEventName, type AuditSource, insertAuditEvent } from "../audit/index.js"
import type { LiveSession } from "../sessions/index.js"
import { newApiKey, readApiKey } from "./api-key.js"
import { type ApiKeyRecord, apiKeysRepository } from "./api-keys.repository.js"

export interface NewApiKey {
  name: string
  scopes: readonly string[]
  expiresInDays: number
}

/** What is shown once. */
export interface ShownApiKey {
  record: ApiKeyRecord
  key: string
}

/** Whose keys they are: a person's who is there, or, for none, the operator's. */
export interface Owner {
  id: string | undefined
  /** None: all that a key can do. */
  scopes?: ReadonlySet<string>
  source: Partial<AuditSource>
}

export type ApiKeys = ReturnType<typeof createApiKeys>

const DAY_SECONDS = 86_400
const MAX_KEYS = 25
const NOBODY = Buffer.alloc(32)

/** Keys that stand for their owner's rights, or less, in the hands of a program (check 111). */
export function createApiKeys(deps: {
  database: Database
  apps: Apps
  limiter: Limiter
  environment: "live" | "test"
}) {
  const { database, apps, limiter, environment } = deps
  const keys = apiKeysRepository(database.db)

  return {
    list: (owner: Owner): Promise<ApiKeyRecord[]> => keys.listLive(owner.id),

    /**
     * Who manages keys, in an app of the operator's own.
     *
     * @param isMaker whether they are about to make one
     * @throws Problem `token.scope-missing`, `account.email-unverified`
     */
    ownerOf(caller: UserCaller, source: AuditSource, { isMaker }: { isMaker: boolean }): Owner {
      const session = caller.state as LiveSession
      if (!apps.find(session.clientId)?.first_party) throw new Problem("token.scope-missing")
      if (isMaker && !session.account.emailVerified) throw new Problem("account.email-unverified")
      return { id: caller.userId, scopes: new Set(apps.rightsOf(session).scopes), source }
    },

    /** @throws Problem `api-key.scope-not-yours`, `api-key.too-many`, `request.too-many` */
    async create(owner: Owner, { name, scopes, expiresInDays }: NewApiKey): Promise<ShownApiKey> {
      if (owner.scopes && !scopes.every((scope) => owner.scopes?.has(scope)))
        throw new Problem("api-key.scope-not-yours")
      if (owner.id) await limiter.admit("new-key", counterKey(owner.id))
      const record = await database.transaction(async (trx) => {
        // Of several at once each counts those before it.
        if (owner.id) await accountsRepository(trx).lockById(owner.id)
        if (owner.id && (await apiKeysRepository(trx).countLive(owner.id)) >= MAX_KEYS) return undefined
        const made = await insert(trx, owner, { name, scopes, ttlSeconds: expiresInDays * DAY_SECONDS })
        await audit(trx, "api-key.created", owner, made.record)
        return made
      })
      if (!record) throw new Problem("api-key.too-many")
      return record
    },

    /**
     * The same key with another secret and id, once; the old one is taken for a while. Both are one client: what it
     * keeps elsewhere, such as templates, stays its own.
     *
     * @throws Problem `api-key.not-found`
     */
    async rotate(
      owner: Owner,
      id: string,
      { overlapSeconds, expiresInDays }: { overlapSeconds: number; expiresInDays: number },
    ): Promise<ShownApiKey> {
      const made = await database.transaction(async (trx) => {
        const old = await apiKeysRepository(trx).updateRotated(id, owner.id, overlapSeconds)
        if (!old) return undefined
        await apiKeysRepository(trx).updateFormerEnded(old)
        const { name, scopes, firstId } = old
        const ttlSeconds = expiresInDays * DAY_SECONDS
        const made = await insert(trx, owner, { name, scopes, ttlSeconds, firstId })
        await audit(trx, "api-key.rotated", owner, old)
        return made
      })
      if (!made) throw new Problem("api-key.not-found")
      return made
    },

    /** @throws Problem `api-key.not-found` */
    async revoke(owner: Owner, id: string): Promise<void> {
      const isRevoked = await database.transaction(async (trx) => {
        if (!(await apiKeysRepository(trx).updateRevoked(id, owner.id))) return false
        await audit(trx, "api-key.revoked", owner, { id })
        return true
      })
      if (!isRevoked) throw new Problem("api-key.not-found")
    },

    /** What a key may do now: no more than its owner may. Nothing for one that does not count. */
    async verify(
      text: string,
    ): Promise<(ServiceCaller & { ownerId: string | undefined; expiresAt: Date }) | undefined> {
      const parts = readApiKey(text)
      const found = parts && (await keys.findChecked(parts.id))
      // Compared also where there is none, so that an id tells nothing by the time it takes.
      const isRight = timingSafeEqual(found?.secretHash ?? NOBODY, parts?.secretHash ?? NOBODY)
      if (!found || !isRight) return undefined
      if (!found.isUseNoted) await keys.updateUsed(found.id)
      const { firstId, ownerId, expiresAt } = found
      const allowed = ownerId === undefined ? undefined : apps.scopesOf(found.roleGrants)
      const scopes = new Set(found.scopes.filter((scope) => allowed?.has(scope) ?? true))
      return { kind: "service", clientId: `api-key:${firstId}`, scopes, ownerId, expiresAt }
    },

    sweep: () => keys.deleteOld(),
  }

  async function insert(
    trx: Db,
    owner: Owner,
    key: { name: string; scopes: readonly string[]; ttlSeconds: number; firstId?: string },
  ): Promise<ShownApiKey> {
    const { key: shown, id, secretHash } = newApiKey(environment)
    const record = await apiKeysRepository(trx).insertKey({
      ...key,
      id,
      secretHash,
      ownerId: owner.id,
    })
    return { record, key: shown }
  }
}

function audit(trx: Db, event: AuditEventName, owner: Owner, { id }: { id: string }): Promise<void> {
  const facts = { accountId: owner.id, detail: { key: id } }
  return insertAuditEvent(trx, { event, outcome: "success", ...facts }, owner.source)
}
