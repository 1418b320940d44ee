import { Problem, type RequestContext } from "@gatepost/http"
import type { Database } from "@gatepost/postgres"
import { acrOf } from "../access-tokens/index.js"
import { type Account, accountsRepository } from "../accounts/index.js"
import type { Apps } from "../apps/index.js"
import type { PasswordResetService } from "../password-reset/index.js"
import type { Hasher, PasswordPolicy } from "../passwords/index.js"
import type { IssuedTokens, SessionsService } from "../sessions/index.js"

export interface PasswordChangesDeps {
  apps: Apps
  database: Database
  hasher: Hasher
  passwordPolicy: PasswordPolicy
  passwordReset: PasswordResetService
  sessions: SessionsService
}

export type PasswordChangesService = ReturnType<typeof createPasswordChangesService>

export function createPasswordChangesService({
  apps,
  database,
  hasher,
  passwordPolicy,
  passwordReset,
  sessions,
}: PasswordChangesDeps) {
  return {
    /**
     * Sets a new password for somebody who knows the current one. Every session ends, the caller's too, who
     * goes on with a new one (check 37).
     *
     * @param signIn how and when the caller signed in: that they know the password takes nothing from it, and does
     *   not stand for a second factor of before
     * @throws Problem `client.not-allowed-here`, `password.current-wrong`, `request.invalid`
     */
    async change(
      account: Account,
      {
        current,
        next,
        signIn,
      }: { current: string; next: string; signIn: { amr: string[]; authenticatedAt: Date } },
      context: RequestContext,
    ): Promise<IssuedTokens> {
      sessions.assertAllowedHere(context)
      const currentHash = await sessions.assertPassword(account, current, context)
      await passwordPolicy.assertUncommon(next, { ...account, appName: apps.ofRequest(context).client_name })
      const passwordHash = await hasher.hash(next)

      return database.transaction(async (trx) => {
        const locked = await accountsRepository(trx).lockById(account.id)
        const isUnchanged = await accountsRepository(trx).lockUnchanged(account.id, currentHash)
        if (!locked || !isUnchanged) throw new Problem("password.current-wrong")
        await passwordReset.replace(trx, locked, passwordHash, "password-changed", context)
        const amr = [...new Set(["pwd", ...signIn.amr])]
        const since = acrOf(amr) === "aal2" ? signIn.authenticatedAt : undefined
        return sessions.start(trx, locked, amr, context, since)
      })
    },
  }
}
