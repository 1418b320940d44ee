import type { Database, Db } from "@gatepost/postgres"
import { ConfigError, type Sealer } from "@gatepost/runtime"
import { insertAuditEvent } from "../audit/index.js"
import { generateSigningKey } from "./key-material.js"
import { createKeyring } from "./keyring.js"
import { type KeyPolicy, signingAt, waitingAt } from "./schedule.js"
import {
  type NewSigningKey,
  type SigningKeyHistory,
  type SigningKeyRecord,
  type SigningKeysRepository,
  signingKeysRepository,
} from "./signing-keys.repository.js"

export type RotateOutcome =
  /** `waiting`: it was published before, and nothing was done. */
  | { kind: "published" | "activated" | "waiting"; kid: string; activatesAt: Date }
  /** Somebody else rotated in the same moment: nothing was done. */
  | { kind: "overtaken" }
  | { kind: "too-many"; limit: number }

export type RevokeOutcome =
  /** With the key that signs instead, if it was the one that signed. */
  | { kind: "revoked"; successor: string | undefined }
  /** No such key is published: nothing was done. */
  | { kind: "unknown" }

/** All but `list` and `sweep` throw a ConfigError when KEY_ENCRYPTION_SECRET can't open the keys there are. */
export interface KeyRotation {
  /** Makes the first key of an installation. @throws ConfigError where there were keys and none is left (R12) */
  ensureFirstKey(): Promise<void>
  /** Publishes the next key, or has it sign at once; one that is published already is that next key. */
  rotate(how: { immediately: boolean; trigger: "command" | "schedule" }): Promise<RotateOutcome>
  /** Unpublishes a key at once; if it was the one that signs, the next one signs from now on. */
  revoke(kid: string): Promise<RevokeOutcome>
  /** The published keys and the latest ones of the past, the last one to sign first. */
  list(): Promise<SigningKeyHistory[]>
  /** Erases the private halves of keys that are gone; returns how many. */
  sweep(): Promise<number>
}

// At 4096 bits some 16 KiB of JWKS: a quarter of what our verifier reads.
const PUBLISHED_AT_MOST = 20
const KEYS_LOST =
  "auth.signing_keys is empty, and was not before: restore it from a backup, or make a new key with " +
  "`npm run keys -- rotate --now`, which ends every access token there is"

/** Every change of the keys: one transaction under one lock, with its audit event, told to all processes. */
export function createKeyRotation(deps: {
  database: Database
  sealer: Sealer
  policy: KeyPolicy
}): KeyRotation {
  const { database, sealer, policy } = deps
  const repository = signingKeysRepository(database.db)

  return {
    list: repository.listHistory,
    sweep: repository.updateGone,

    async ensureFirstKey() {
      if ((await readKeys()).all.length > 0) return
      const key = await makeKey()

      await underLock(async (locked) => {
        if ((await locked.listPublished()).length > 0) return
        if (await locked.hasHadKeys()) throw new ConfigError(KEYS_LOST)
        await locked.insertKey(key, 0)
      })
    },

    async rotate({ immediately, trigger }) {
      const seen = await readKeys()
      const { waiting } = seen
      if (waiting && !immediately)
        return { kind: "waiting", kid: waiting.kid, activatesAt: waiting.activatesAt }
      if (seen.all.length >= PUBLISHED_AT_MOST) return { kind: "too-many", limit: PUBLISHED_AT_MOST }
      const atOnce = immediately || seen.signing === undefined
      const next = waiting ?? (await makeKey())

      return underLock(async (locked, trx) => {
        const now = rolesOf(await locked.listPublished())
        if (!isSame(now.signing, seen.signing) || !isSame(now.waiting, waiting)) return { kind: "overtaken" }
        const activatesAt =
          next === waiting
            ? await locked.updateActivation(next.kid)
            : await locked.insertKey(next, atOnce ? 0 : policy.publishSeconds)
        await locked.updateRetirements(policy.retireSeconds)
        const detail = { kid: next.kid, activates_at: activatesAt.toISOString(), trigger }
        await insertAuditEvent(trx, { event: "signing-key.rotated", outcome: "success", detail })
        return { kind: atOnce ? "activated" : "published", kid: next.kid, activatesAt }
      })
    },

    async revoke(kid) {
      await readKeys()
      const spare = await makeKey()

      return underLock(async (locked, trx) => {
        const { all, signing, waiting } = rolesOf(await locked.listPublished())
        if (!all.some((key) => key.kid === kid)) return { kind: "unknown" }
        const successor = signing?.kid === kid ? (waiting ?? spare).kid : undefined
        await locked.updateRevocation(kid)
        if (successor) await (waiting ? locked.updateActivation(waiting.kid) : locked.insertKey(spare, 0))
        await locked.updateRetirements(policy.retireSeconds)
        const detail = { kid, ...(successor && { successor }) }
        await insertAuditEvent(trx, { event: "signing-key.revoked", outcome: "success", detail })
        return { kind: "revoked", successor }
      })
    },
  }

  /** Opens the keys as well: under another secret, a new key would be one that no service can use. */
  async function readKeys() {
    const records = await repository.listPublished()
    createKeyring(sealer).open(records)
    return rolesOf(records)
  }

  async function makeKey(): Promise<NewSigningKey> {
    const { kid, publicJwk, privateJwk } = await generateSigningKey(policy.modulusBits)
    return { kid, publicJwk, privateJwkSealed: sealer.seal(JSON.stringify(privateJwk), kid) }
  }

  function underLock<Result>(
    work: (locked: SigningKeysRepository, trx: Db) => Promise<Result>,
  ): Promise<Result> {
    return database.transaction(async (trx) => {
      const locked = signingKeysRepository(trx)
      await locked.lockKeys()
      const result = await work(locked, trx)
      await locked.notifyProcesses()
      return result
    })
  }
}

function rolesOf(all: SigningKeyRecord[]) {
  const at = all[0]?.readAt.getTime() ?? 0
  return { all, signing: signingAt(all, at), waiting: waitingAt(all, at) }
}

const isSame = (one: SigningKeyRecord | undefined, other: SigningKeyRecord | undefined) =>
  one?.kid === other?.kid
