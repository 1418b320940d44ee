import { Problem, type RequestContext, type UserCaller } from "@gatepost/http"
import type { Database, Db } from "@gatepost/postgres"
import { type Clock, randomToken, sha256 } from "@gatepost/runtime"
import { acrOf } from "../access-tokens/index.js"
import { type Account, accountsRepository } from "../accounts/index.js"
import { insertAuditEvent } from "../audit/index.js"
import { passkeysRepository } from "../passkeys/index.js"
import type { FirstProof, MfaChallenge, SignInPolicy } from "../sessions/index.js"
import { recoveryCodesRepository } from "./recovery-codes.repository.js"
import { rememberedDevicesRepository } from "./remembered-devices.repository.js"
import { signInChallengesRepository } from "./sign-in-challenges.repository.js"
import { totpFactorsRepository } from "./totp-factors.repository.js"

// SECURITY.md section 2.
const CHALLENGE_TTL_SECONDS = 300
const FRESH_SECONDS = 300

/** The one place that says what a sign-in has to have, at every door, and what a call with its token. */
export function createSignInPolicy({ database, clock }: { database: Database; clock: Clock }): SignInPolicy {
  return {
    async demand(trx, account, proof, context) {
      if (acrOf(proof.amr) === "aal2" || !(await totpFactorsRepository(trx).isOn(account.id)))
        return undefined
      if (await isRemembered(trx, account, proof)) return undefined
      return challenge(trx, account, proof, context)
    },

    async assertLevel(caller) {
      if (caller.acr !== "aal2" && (await hasSecondFactor(caller))) throw stepUp("aal2")
    },

    async assertFresh(caller) {
      const needed = (await hasSecondFactor(caller)) ? "aal2" : "aal1"
      const ageSeconds = clock.now() / 1000 - (caller.authTime?.getTime() ?? 0) / 1000
      const isEnough = needed === "aal1" || caller.acr === "aal2"
      if (!isEnough || ageSeconds > FRESH_SECONDS) throw stepUp(needed)
    },
  }

  function hasSecondFactor({ userId }: UserCaller): Promise<boolean> {
    return totpFactorsRepository(database.db).isOn(userId)
  }

  /** A device counts until everybody was signed out, as a reset does it: its token may have been somebody else's. */
  async function isRemembered(trx: Db, account: Account, { mfaDeviceToken }: FirstProof): Promise<boolean> {
    if (!mfaDeviceToken) return false
    const since = await rememberedDevicesRepository(trx).updateUsed(account.id, sha256(mfaDeviceToken))
    return since !== undefined && accountsRepository(trx).isSignedInSince(account.id, since)
  }

  async function challenge(
    trx: Db,
    account: Account,
    { amr, boundTo }: FirstProof,
    context: RequestContext,
  ): Promise<MfaChallenge> {
    const token = randomToken()
    await signInChallengesRepository(trx).insertChallenge({
      tokenHash: sha256(token),
      accountId: account.id,
      boundTo,
      amr,
      ttlSeconds: CHALLENGE_TTL_SECONDS,
    })
    const hasCodes = (await recoveryCodesRepository(trx).countLeft(account.id)) > 0
    const hasPasskeys = (await passkeysRepository(trx).countAll(account.id)) > 0
    const event = { event: "second-factor.challenged", outcome: "success", accountId: account.id } as const
    await insertAuditEvent(trx, event, context)
    return {
      token,
      methods: [
        "totp",
        ...(hasCodes ? ["recovery_code" as const] : []),
        ...(hasPasskeys ? ["passkey" as const] : []),
      ],
      expiresInSeconds: CHALLENGE_TTL_SECONDS,
    }
  }
}

/** RFC 9470 section 3, as 403: the token itself is good. */
function stepUp(acr: "aal1" | "aal2"): Problem {
  const needed = `acr_values="${acr}", max_age="${FRESH_SECONDS}"`
  const challenge = `Bearer realm="gatepost", error="insufficient_user_authentication", ${needed}`
  return new Problem("mfa.step-up-required", { headers: { "WWW-Authenticate": challenge } })
}
