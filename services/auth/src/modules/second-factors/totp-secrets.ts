import type { Sealer } from "@gatepost/runtime"

export type TotpSecrets = ReturnType<typeof createTotpSecrets>

/**
 * Secrets of authenticator apps at rest, each bound to its account (AES-256-GCM).
 *
 * @param keyIds of the keys that open them; the first one seals
 */
export function createTotpSecrets({ sealer, keyIds }: { sealer: Sealer; keyIds: readonly string[] }) {
  const [keyId = ""] = keyIds

  return {
    seal: (accountId: string, secret: string) => ({
      sealedSecret: sealer.seal(secret, accountId),
      sealedBy: keyId,
    }),

    /** @throws where another secret sealed it */
    open(accountId: string, { sealedSecret, sealedBy }: { sealedSecret: Buffer; sealedBy: string }): string {
      if (!keyIds.includes(sealedBy))
        throw new Error(`the secret was sealed by ${sealedBy}, and ours is ${keyId}`)
      return sealer.open(sealedSecret, accountId)
    },
  }
}
