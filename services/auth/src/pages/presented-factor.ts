import { Problem } from "@gatepost/http"
import type { z } from "zod"
import { Assertion, Attestation } from "../modules/passkeys/index.js"
import { type GivenFactor, TotpCode } from "../modules/second-factors/index.js"

/**
 * The second factor of a form: a passkey, a code from an app, or else a recovery code.
 *
 * @throws Problem `mfa.code-invalid` for what can't be any
 */
export function givenFactor({ code, credential }: { code: string; credential: string }): GivenFactor {
  const assertion = assertionIn(credential)
  if (assertion) return { kind: "passkey", assertion }
  const digits = TotpCode.safeParse(code)
  if (digits.success) return { kind: "totp", code: digits.data }
  if (code === "" || code.length > 100) throw new Problem("mfa.code-invalid")
  return { kind: "recovery-code", code }
}

/** What the script of a passkey's page sends. */
export const assertionIn = (credential: string): Assertion | undefined => parsed(credential, Assertion)

export const attestationIn = (credential: string): Attestation | undefined => parsed(credential, Attestation)

function parsed<Schema extends z.ZodType>(text: string, schema: Schema): z.output<Schema> | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
