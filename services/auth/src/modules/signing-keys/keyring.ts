import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto"
import { ConfigError, type Sealer } from "@gatepost/runtime"
import type { KeyTimes } from "./schedule.js"
import type { SigningKeyRecord } from "./signing-keys.repository.js"

export interface SigningKey {
  kid: string
  privateKey: KeyObject
  publicKey: KeyObject
  publicJwk: JsonWebKey
  privateJwk: JsonWebKey
}

export interface Keyring {
  /**
   * Opens stored keys. One that was open already keeps its KeyObjects: remembered tokens hang on them.
   *
   * @throws ConfigError when KEY_ENCRYPTION_SECRET is not the one the keys were sealed with
   */
  open(records: readonly SigningKeyRecord[]): (SigningKey & KeyTimes)[]
}

export function createKeyring(sealer: Sealer): Keyring {
  let opened = new Map<string, SigningKey>()

  return {
    open(records) {
      const keys = records.map((record) => ({
        ...(opened.get(record.kid) ?? unseal(record)),
        activatesAt: record.activatesAt,
        retiresAt: record.retiresAt,
      }))
      opened = new Map(keys.map((key) => [key.kid, key]))
      return keys
    },
  }

  function unseal({ kid, publicJwk, privateJwkSealed }: SigningKeyRecord): SigningKey {
    const privateJwk = JSON.parse(openSealed(privateJwkSealed, kid)) as JsonWebKey
    const privateKey = createPrivateKey({ key: privateJwk, format: "jwk" })
    return { kid, privateKey, publicKey: createPublicKey(privateKey), publicJwk, privateJwk }
  }

  function openSealed(sealed: Buffer, kid: string): string {
    try {
      return sealer.open(sealed, kid)
    } catch {
      throw new ConfigError(`KEY_ENCRYPTION_SECRET is not the one that signing key ${kid} was sealed with`)
    }
  }
}
