import { Problem } from "@gatepost/http"
import type { Admission } from "./sessions.types.js"

/** A sign-in at the OpenID Provider: it counts from then on (seconds since 1970). */
export interface ProvedSignIn {
  accountId: string
  at: number
  amr: string[]
  /** What its browser is known by from now on, if that is new. */
  deviceToken?: string | undefined
}

/**
 * What somebody gets who was admitted; asked for after the transaction, which has to commit the challenge.
 *
 * @throws Problem `mfa.required`, with the challenge
 */
export function admitted<Result>(admission: Admission<Result>): Result {
  if (admission.kind === "admitted") return admission.result
  const { token, methods, expiresInSeconds } = admission.challenge
  throw new Problem("mfa.required", {
    members: { mfa: { challenge: token, methods, expires_in: expiresInSeconds } },
  })
}
