import { deriveKey } from "@gatepost/runtime"

/** Under which audit events are sealed: whoever has the database alone can't make a chain that holds. */
export const auditKeyOf = (keyEncryptionSecret: string): Buffer =>
  deriveKey(keyEncryptionSecret, "audit chain")
