import { Problem, type RequestContext } from "@gatepost/http"
import type { Database } from "@gatepost/postgres"
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
     * @param amr how the caller signed in: that they know the password takes nothing from it
     * @throws Problem `client.not-allowed-here`, `password.current-wrong`, `request.invalid`
     */
    async change(
      account: Account,
      { current, next, amr }: { current: string; next: string; amr: string[] },
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
        return sessions.start(trx, locked, [...new Set(["pwd", ...amr])], context)
      })
    },
  }
}
