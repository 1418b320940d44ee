import type { SealedColumn } from "./modules/sealed-values/index.js"
import { TOTP_SEALED } from "./modules/second-factors/index.js"
import { SIGNING_KEYS_SEALED } from "./modules/signing-keys/index.js"
import { IDENTITIES_SEALED, REVOCATIONS_SEALED } from "./modules/social/index.js"
import { FORMER_WEBHOOKS_SEALED, WEBHOOKS_SEALED } from "./modules/webhooks/index.js"

/** All that KEY_ENCRYPTION_SECRET seals; a test finds those that are missing. */
export const sealedColumns: readonly SealedColumn[] = [
  SIGNING_KEYS_SEALED,
  TOTP_SEALED,
  IDENTITIES_SEALED,
  REVOCATIONS_SEALED,
  WEBHOOKS_SEALED,
  FORMER_WEBHOOKS_SEALED,
]
