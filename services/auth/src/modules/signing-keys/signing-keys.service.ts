import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto"
import type { Database } from "@gatepost/postgres"
import { ConfigError, type Logger, type Sealer } from "@gatepost/runtime"
import { generateSigningKey } from "./key-material.js"
import { type SigningKeyRecord, signingKeysRepository } from "./signing-keys.repository.js"

export interface SigningKey {
  kid: string
  privateKey: KeyObject
  publicKey: KeyObject
  publicJwk: JsonWebKey
  privateJwk: JsonWebKey
}

/** The key set of this process, in step with the database's (DESIGN.md D7). */
export interface SigningKeys {
  /** The key that signs now. */
  current(): SigningKey
  /** Every published key, the signing one first. */
  list(): readonly SigningKey[]
  find(kid: string): SigningKey | undefined
  /** Calls back when the set changed. */
  onChange(listener: () => void): void
  stop(): void
}

const FOLLOW_INTERVAL_MS = 30_000
const MODULUS_BITS = 2048

/**
 * Loads the keys, making the first one where there is none.
 *
 * @throws ConfigError when KEY_ENCRYPTION_SECRET is not the one the keys were sealed with: a new
 * identity is never minted in silence (R12)
 */
export async function openSigningKeys(deps: {
  database: Database
  sealer: Sealer
  logger: Logger
}): Promise<SigningKeys> {
  const { database, sealer, logger } = deps
  const listeners: (() => void)[] = []
  let keys = unseal(await loadOrCreate())

  const follow = async () => {
    const records = await signingKeysRepository(database.db).listPublished()
    if (records.map(({ kid }) => kid).join() === keys.map(({ kid }) => kid).join()) return
    keys = unseal(records)
    for (const listener of listeners) listener()
  }
  const timer = setInterval(() => {
    follow().catch((cause: unknown) => logger.warn({ err: cause }, "following the signing keys failed"))
  }, FOLLOW_INTERVAL_MS).unref()

  return {
    current: () => {
      const [key] = keys
      if (!key) throw new Error("there is no signing key")
      return key
    },
    list: () => keys,
    find: (kid) => keys.find((key) => key.kid === kid),
    onChange: (listener) => void listeners.push(listener),
    stop: () => clearInterval(timer),
  }

  async function loadOrCreate(): Promise<SigningKeyRecord[]> {
    const existing = await signingKeysRepository(database.db).listPublished()
    if (existing.length > 0) return existing
    const { kid, publicJwk, privateJwk } = await generateSigningKey(MODULUS_BITS)
    return database.transaction(async (trx) => {
      const repository = signingKeysRepository(trx)
      await repository.lockKeys()
      const madeMeanwhile = await repository.listPublished()
      if (madeMeanwhile.length > 0) return madeMeanwhile
      await repository.insertKey({
        kid,
        publicJwk,
        privateJwkSealed: sealer.seal(JSON.stringify(privateJwk), kid),
      })
      return repository.listPublished()
    })
  }

  function unseal(records: SigningKeyRecord[]): SigningKey[] {
    return records.map(({ kid, publicJwk, privateJwkSealed }) => {
      const privateJwk = JSON.parse(openSealed(privateJwkSealed, kid)) as JsonWebKey
      const privateKey = createPrivateKey({ key: privateJwk, format: "jwk" })
      return { kid, privateKey, publicKey: createPublicKey(privateKey), publicJwk, privateJwk }
    })
  }

  function openSealed(sealed: Buffer, kid: string): string {
    try {
      return sealer.open(sealed, kid)
    } catch {
      throw new ConfigError(`KEY_ENCRYPTION_SECRET is not the one that signing key ${kid} was sealed with`)
    }
  }
}
