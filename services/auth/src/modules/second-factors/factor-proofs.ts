import type { RequestContext } from "@gatepost/http"
import type { Db } from "@gatepost/postgres"
import { type Clock, sha256 } from "@gatepost/runtime"
import type { Account } from "../accounts/index.js"
import { insertAuditEvent } from "../audit/index.js"
import type { FactorNotices } from "../factor-notices/index.js"
import type { PasskeyCeremonies, ProvedPasskey } from "../passkeys/index.js"
import { plainRecoveryCode } from "./recovery-codes.js"
import { recoveryCodesRepository } from "./recovery-codes.repository.js"
import { stepOfCode } from "./totp.js"
import { totpFactorsRepository } from "./totp-factors.repository.js"
import type { TotpSecrets } from "./totp-secrets.js"
import { type CountedMethod, MAX_CONSECUTIVE, type Try, triesRepository } from "./tries.repository.js"

/** A second factor as somebody presents it. */
export type PresentedFactor =
  | { kind: "totp"; code: string }
  | { kind: "recovery-code"; code: string }
  | { kind: "passkey"; proved: ProvedPasskey | undefined }

export type FactorProofs = ReturnType<typeof createFactorProofs>

/** Tries in a row after which the owner hears that somebody knows their password (check 45). */
const TELL_AFTER = 3

/** Says whether a second factor is right, once: every try is counted before it is compared (SECURITY.md section 2). */
export function createFactorProofs(deps: {
  clock: Clock
  secrets: TotpSecrets
  ceremonies: PasskeyCeremonies
  notices: FactorNotices
}) {
  const { clock, secrets, ceremonies, notices } = deps

  return {
    matchesTotp,

    /**
     * In a transaction that has locked the account, and that commits whatever comes of it.
     *
     * @returns what it proves (RFC 8176), or nothing: wrong, used before, or no try left
     */
    async accept(
      trx: Db,
      account: Account,
      presented: PresentedFactor,
      context: RequestContext,
    ): Promise<string[] | undefined> {
      const amr = await compare(trx, account, presented, context)
      if (amr) {
        const method = presented.kind === "passkey" ? undefined : presented.kind
        await triesRepository(trx).updateForgiven(account.id, method)
        return amr
      }
      const event = { event: "second-factor.refused", outcome: "failure", accountId: account.id } as const
      await insertAuditEvent(trx, { ...event, detail: { method: presented.kind } }, context)
      return undefined
    },
  }

  async function compare(trx: Db, account: Account, presented: PresentedFactor, context: RequestContext) {
    if (presented.kind === "passkey") {
      const { proved } = presented
      const isTheirs = proved?.passkey.accountId === account.id
      return isTheirs && (await ceremonies.use(trx, proved, context)) ? proved.amr : undefined
    }
    const taken = await triesRepository(trx).updateTried(account.id, presented.kind)
    const isRight =
      taken &&
      (presented.kind === "totp"
        ? await matchesTotp(trx, account.id, presented.code, "on")
        : await matchesRecoveryCode(trx, account, presented.code, context))
    if (taken && !isRight) await tell(trx, account, presented.kind, taken, context)
    return isRight ? ["otp"] : undefined
  }

  /** Whoever fails here knew the first factor: the owner hears of it, once an hour, and of the pause. */
  async function tell(
    trx: Db,
    account: Account,
    method: CountedMethod,
    { consecutive, mayTell }: Try,
    context: RequestContext,
  ): Promise<void> {
    const isPaused = method === "totp" && consecutive >= MAX_CONSECUTIVE
    if (isPaused) {
      const event = { event: "second-factor.paused", outcome: "failure", accountId: account.id } as const
      await insertAuditEvent(trx, event, context)
    }
    if (!isPaused && (consecutive < TELL_AFTER || !mayTell)) return
    await triesRepository(trx).updateTold(account.id, method)
    await notices.failed(trx, account, isPaused, context)
  }

  async function matchesTotp(trx: Db, accountId: string, code: string, state: "on" | "pending") {
    const factor = await totpFactorsRepository(trx).findFactor(accountId, state)
    const step = factor && stepOfCode(code, secrets.open(accountId, factor), clock.now())
    return step !== undefined && totpFactorsRepository(trx).consumeStep(accountId, step)
  }

  async function matchesRecoveryCode(trx: Db, account: Account, code: string, context: RequestContext) {
    const hash = sha256(plainRecoveryCode(code))
    if (!(await recoveryCodesRepository(trx).consumeCode(account.id, hash))) return false
    const event = { event: "recovery-code.used", outcome: "success", accountId: account.id } as const
    await insertAuditEvent(trx, event, context)
    await notices.changed(trx, account, "recovery-code-used", context)
    return true
  }
}
