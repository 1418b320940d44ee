import { type InTurn, Problem, type RequestContext } from "@gatepost/http"
import type { Database, Db } from "@gatepost/postgres"
import { randomToken, sha256 } from "@gatepost/runtime"
import { type Account, accountsRepository } from "../accounts/index.js"
import { insertAuditEvent } from "../audit/index.js"
import type { Assertion, PasskeyCeremonies, PasskeyOptions } from "../passkeys/index.js"
import type { IssuedTokens, ProvedSignIn, SessionsService, SignInContext } from "../sessions/index.js"
import type { FactorProofs, PresentedFactor } from "./factor-proofs.js"
import { rememberedDevicesRepository } from "./remembered-devices.repository.js"
import { signInChallengesRepository } from "./sign-in-challenges.repository.js"

export interface SecondFactorsDeps {
  database: Database
  ceremonies: PasskeyCeremonies
  /** Tries of one account, one after the other. */
  inTurn: InTurn
  proofs: FactorProofs
  sessions: Pick<SessionsService, "assertAllowedHere" | "start" | "rememberVisitor">
}

/** A second factor as it comes in. */
export type GivenFactor =
  | Exclude<PresentedFactor, { kind: "passkey" }>
  | { kind: "passkey"; assertion: Assertion }

export interface Answer {
  /** The challenge's token. */
  challenge: string
  factor: GivenFactor
  /** Whether to ask for no second factor on this device for a while. */
  remember: boolean
}

export type SecondFactorsService = ReturnType<typeof createSecondFactorsService>

export const REMEMBERED_SECONDS = 30 * 86_400

/** The second half of a sign-in, at both doors. */
export function createSecondFactorsService({
  database,
  ceremonies,
  inTurn,
  proofs,
  sessions,
}: SecondFactorsDeps) {
  return {
    /** @throws Problem `mfa.challenge-invalid` */
    async beginPasskey(challenge: string, boundTo: string): Promise<PasskeyOptions> {
      const open = await signInChallengesRepository(database.db).findOpen(sha256(challenge), boundTo)
      if (!open) throw new Problem("mfa.challenge-invalid")
      return ceremonies.assertionOptions(passkeyCeremony(open.accountId, challenge))
    },

    /**
     * Finishes a sign-in of the JSON API.
     *
     * @returns the tokens, and that of a remembered device
     * @throws Problem `client.not-allowed-here`, `mfa.challenge-invalid`, `mfa.code-invalid`, `request.too-many`
     */
    async signIn(
      answer: Answer,
      boundTo: string,
      context: SignInContext,
    ): Promise<{ tokens: IssuedTokens; mfaDeviceToken: string | undefined }> {
      sessions.assertAllowedHere(context)
      return complete(answer, boundTo, context, async (trx, { account, amr }, mfaDeviceToken) => ({
        tokens: await sessions.start(trx, account, amr, context),
        mfaDeviceToken,
      }))
    },

    /**
     * Finishes a sign-in at the OpenID Provider's pages.
     *
     * @throws Problem `mfa.challenge-invalid`, `mfa.code-invalid`, `request.too-many`
     */
    prove: (
      answer: Answer,
      boundTo: string,
      context: RequestContext,
    ): Promise<ProvedSignIn & { mfaDeviceToken: string | undefined }> =>
      complete(answer, boundTo, context, async (trx, { account, amr, at }, mfaDeviceToken) => {
        await sessions.rememberVisitor(trx, account, context)
        return { accountId: account.id, at, amr, mfaDeviceToken }
      }),

    countRemembered: (accountId: string): Promise<number> =>
      rememberedDevicesRepository(database.db).countAll(accountId),

    /** Every device is asked for the second factor again. */
    async forgetDevices(accountId: string, context: RequestContext): Promise<void> {
      await database.transaction(async (trx) => {
        const count = await rememberedDevicesRepository(trx).deleteAll(accountId)
        const event = { event: "devices.forgotten", outcome: "success", accountId } as const
        if (count > 0) await insertAuditEvent(trx, { ...event, detail: { count } }, context)
      })
    },

    async sweep(): Promise<void> {
      await signInChallengesRepository(database.db).deleteExpired()
      await rememberedDevicesRepository(database.db).deleteExpired()
    },
  }

  /** What a challenge is answered for is done in the transaction that consumes it; a wrong try stays counted. */
  async function complete<Result>(
    { challenge, factor, remember }: Answer,
    boundTo: string,
    context: RequestContext,
    work: (
      trx: Db,
      proved: { account: Account; amr: string[]; at: number },
      mfaDeviceToken: string | undefined,
    ) => Promise<Result>,
  ): Promise<Result> {
    const tokenHash = sha256(challenge)
    const found = await signInChallengesRepository(database.db).findOpen(tokenHash, boundTo)
    if (!found) throw new Problem("mfa.challenge-invalid")
    const presented = await verified(factor, found.accountId, challenge)

    const attempt = () =>
      database.transaction(async (trx) => {
        const account = await accountsRepository(trx).lockById(found.accountId)
        const open =
          account?.isActive && (await signInChallengesRepository(trx).updateTried(tokenHash, boundTo))
        // Whoever reset the password since did not prove this one (check 54).
        if (!open || !(await accountsRepository(trx).isSignedInSince(account.id, open.provedAt))) {
          return new Problem("mfa.challenge-invalid")
        }
        const amr = await proofs.accept(trx, account, presented, context)
        if (!amr) return new Problem("mfa.code-invalid")
        const at = await signInChallengesRepository(trx).consumeChallenge(tokenHash)
        if (at === undefined) return new Problem("mfa.challenge-invalid")
        const mfaDeviceToken = remember ? await rememberDevice(trx, account, context) : undefined
        return { result: await work(trx, { account, amr: withBoth(open.amr, amr), at }, mfaDeviceToken) }
      })
    const outcome = await inTurn(found.accountId, attempt)

    if (outcome instanceof Problem) throw outcome
    return outcome.result
  }

  async function verified(
    factor: GivenFactor,
    accountId: string,
    challenge: string,
  ): Promise<PresentedFactor> {
    if (factor.kind !== "passkey") return factor
    const ceremony = passkeyCeremony(accountId, challenge)
    return { kind: "passkey", proved: await ceremonies.verifyAssertion(factor.assertion, ceremony) }
  }

  async function rememberDevice(
    trx: Db,
    { id: accountId }: Account,
    context: RequestContext,
  ): Promise<string> {
    const token = randomToken()
    const { userAgent } = context
    const device = { tokenHash: sha256(token), accountId, userAgent, ttlSeconds: REMEMBERED_SECONDS }
    await rememberedDevicesRepository(trx).insertDevice(device)
    await insertAuditEvent(trx, { event: "device.remembered", outcome: "success", accountId }, context)
    return token
  }
}

const passkeyCeremony = (accountId: string, challenge: string) =>
  ({ purpose: "second-factor", accountId, boundTo: sha256(challenge).toString("base64url") }) as const

/** What was proved in two steps (RFC 8176). */
export const withBoth = (first: string[], second: string[]): string[] => [
  ...new Set([...first, ...second, "mfa"]),
]
