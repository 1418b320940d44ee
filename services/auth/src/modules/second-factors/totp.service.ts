import { Problem, type RequestContext } from "@gatepost/http"
import type { Database, Db } from "@gatepost/postgres"
import { sha256 } from "@gatepost/runtime"
import { type Account, accountsRepository } from "../accounts/index.js"
import type { Apps } from "../apps/index.js"
import { type AuditEventName, insertAuditEvent } from "../audit/index.js"
import type { FactorNotices } from "../factor-notices/index.js"
import type { IssuedTokens, LiveSession, SessionStore, SessionsService } from "../sessions/index.js"
import type { FactorProofs } from "./factor-proofs.js"
import { newRecoveryCodes, plainRecoveryCode } from "./recovery-codes.js"
import { recoveryCodesRepository } from "./recovery-codes.repository.js"
import { rememberedDevicesRepository } from "./remembered-devices.repository.js"
import { withBoth } from "./second-factors.service.js"
import { newTotpSecret, qrCode, totpUri } from "./totp.js"
import { totpFactorsRepository } from "./totp-factors.repository.js"
import type { TotpSecrets } from "./totp-secrets.js"
import { triesRepository } from "./tries.repository.js"

export interface TotpDeps {
  database: Database
  apps: Apps
  notices: FactorNotices
  proofs: FactorProofs
  secrets: TotpSecrets
  sessions: Pick<SessionsService, "start">
  store: SessionStore
}

export type TotpService = ReturnType<typeof createTotpService>

/** Codes from an app, and the recovery codes for the day it is lost: turned on and off by somebody fresh (check 58). */
export function createTotpService(deps: TotpDeps) {
  const { database, apps, notices, proofs, secrets, sessions, store } = deps

  return {
    async overview(accountId: string) {
      const factor = await totpFactorsRepository(database.db).findFactor(accountId, "on")
      return {
        enabledAt: factor?.confirmedAt,
        isPaused: await triesRepository(database.db).isPaused(accountId),
        recoveryCodesLeft: await recoveryCodesRepository(database.db).countLeft(accountId),
      }
    },

    /**
     * Makes a secret for an authenticator app. It is told this once, and is nothing until its first code.
     *
     * @throws Problem `account.email-unverified`, `mfa.totp-on`
     */
    async begin({ account, clientId }: LiveSession) {
      // Check 28: whoever proves the address later must not find a stranger's second factor.
      if (!account.emailVerified) throw new Problem("account.email-unverified")
      const secret = newTotpSecret()
      const sealed = secrets.seal(account.id, secret)
      const isPending = await totpFactorsRepository(database.db).insertPending({
        accountId: account.id,
        ...sealed,
      })
      if (!isPending) throw new Problem("mfa.totp-on")
      const uri = totpUri({ secret, issuer: issuerOf(clientId), label: account.email })
      return { secret, uri, qrCode: qrCode(uri) }
    },

    /**
     * Turns codes on by the first of them. Every session ends, and the caller goes on with a new one.
     *
     * @returns the recovery codes, told this once
     * @throws Problem `mfa.totp-not-on` where it was not begun, `mfa.proof-invalid`
     */
    async confirm(session: LiveSession, code: string, context: RequestContext) {
      const { id } = session.account
      if (!(await totpFactorsRepository(database.db).findFactor(id, "pending"))) {
        throw new Problem("mfa.totp-not-on")
      }
      return settled(
        await database.transaction(async (trx) => {
          const account = await accountsRepository(trx).lockById(id)
          if (!account?.isActive || !account.emailVerified) return new Problem("account.email-unverified")
          const isLeft = await triesRepository(trx).updateTried(id, "totp")
          if (!isLeft || !(await proofs.matchesTotp(trx, id, code, "pending"))) {
            return new Problem("mfa.proof-invalid")
          }
          await triesRepository(trx).updateForgiven(id, "totp")
          if (!(await totpFactorsRepository(trx).updateConfirmed(id))) return new Problem("mfa.totp-not-on")
          const recoveryCodes = await replaceCodes(trx, id)
          await record(trx, "totp.enabled", account, context)
          await notices.changed(trx, account, "totp-enabled", context)
          const tokens = await startOver(trx, account, session, withBoth(session.amr, ["otp"]), context)
          return { tokens, recoveryCodes }
        }),
      )
    },

    /**
     * Turns codes off, and with them all that stood in for them. Every session ends, and the caller goes on with
     * a new one.
     *
     * @throws Problem `mfa.totp-not-on`
     */
    async disable(session: LiveSession, context: RequestContext): Promise<IssuedTokens> {
      return settled(
        await database.transaction(async (trx) => {
          const account = await accountsRepository(trx).lockById(session.account.id)
          if (!account || !(await totpFactorsRepository(trx).deleteFactor(account.id))) {
            return new Problem("mfa.totp-not-on")
          }
          await recoveryCodesRepository(trx).deleteAll(account.id)
          await rememberedDevicesRepository(trx).deleteAll(account.id)
          await record(trx, "totp.disabled", account, context)
          await notices.changed(trx, account, "totp-disabled", context)
          return startOver(trx, account, session, session.amr, context)
        }),
      )
    },

    /**
     * New recovery codes; the old set is void.
     *
     * @returns them, told this once
     * @throws Problem `mfa.totp-not-on`
     */
    async replaceRecoveryCodes(accountId: string, context: RequestContext): Promise<string[]> {
      return settled(
        await database.transaction(async (trx) => {
          const account = await accountsRepository(trx).lockById(accountId)
          if (!account || !(await totpFactorsRepository(trx).isOn(accountId))) {
            return new Problem("mfa.totp-not-on")
          }
          const codes = await replaceCodes(trx, accountId)
          await record(trx, "recovery-codes.replaced", account, context)
          await notices.changed(trx, account, "recovery-codes-replaced", context)
          return codes
        }),
      )
    },

    async sweep(): Promise<void> {
      await totpFactorsRepository(database.db).deleteExpired()
    },
  }

  async function replaceCodes(trx: Db, accountId: string): Promise<string[]> {
    const codes = newRecoveryCodes()
    const hashes = codes.map((code) => sha256(plainRecoveryCode(code)))
    await recoveryCodesRepository(trx).insertSet(accountId, hashes)
    return codes
  }

  /** Whoever was signed in before is so no more (ASVS 7.4.3), whichever door they came by. */
  async function startOver(
    trx: Db,
    account: Account,
    { id, clientId }: LiveSession,
    amr: string[],
    context: RequestContext,
  ): Promise<IssuedTokens> {
    // It may have ended meanwhile; who is signed out changes nothing, so all of this is undone.
    if (!(await store.endIn(trx, id, "second-factor-changed", context))) throw new Problem("token.invalid")
    await accountsRepository(trx).updateSignedOut(account.id)
    await store.endAll(trx, account.id, "second-factor-changed", context)
    return sessions.start(trx, account, amr, { ...context, clientId })
  }

  /** What an authenticator app calls the account's place. */
  function issuerOf(clientId: string): string {
    return apps.find(clientId)?.client_name ?? clientId
  }
}

const record = (trx: Db, event: AuditEventName, { id }: Account, context: RequestContext) =>
  insertAuditEvent(trx, { event, outcome: "success", accountId: id }, context)

function settled<Result>(outcome: Result | Problem): Result {
  if (outcome instanceof Problem) throw outcome
  return outcome
}
