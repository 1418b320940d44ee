import { Problem, type RequestContext } from "@gatepost/http"
import type { Database } from "@gatepost/postgres"
import { newId, randomToken, sha256 } from "@gatepost/runtime"
import { accountsRepository } from "../accounts/index.js"
import { INSTALLATION } from "../apps/index.js"
import { insertAuditEvent } from "../audit/index.js"
import type { PasswordResetService } from "../password-reset/index.js"
import type { Hasher, PasswordPolicy } from "../passwords/index.js"
import { roleGrantsRepository } from "../role-grants/index.js"
import { adminInvitationsRepository } from "./admin-invitations.repository.js"

// Long enough to walk over to another screen, short enough for a terminal's scrollback.
const TTL_SECONDS = 3_600

/**
 * Makes the one link that leads to the first admin (check 113). Whoever may run this has the database anyway.
 *
 * @returns the link, or nothing where there is an admin
 */
export async function inviteAdmin(
  database: Database,
  { email, publicUrl }: { email: string; publicUrl: string },
): Promise<string | undefined> {
  const token = randomToken()
  const isInvited = await database.transaction(async (trx) => {
    await adminInvitationsRepository(trx).lockInvitations()
    if (await roleGrantsRepository(trx).hasAdmin()) return false
    const invitation = { tokenHash: sha256(token), email, ttlSeconds: TTL_SECONDS }
    await adminInvitationsRepository(trx).replaceInvitation(invitation)
    await insertAuditEvent(trx, { event: "admin.invited", outcome: "success" })
    return true
  })
  return isInvited ? `${publicUrl}/admin-invitation?token=${token}` : undefined
}

export type AdminInvitations = ReturnType<typeof createAdminInvitations>

export function createAdminInvitations(deps: {
  database: Database
  hasher: Hasher
  passwordPolicy: PasswordPolicy
  passwordReset: PasswordResetService
}) {
  const { database, hasher, passwordPolicy, passwordReset } = deps

  return {
    /** Whom an invitation that would be taken now is for. */
    findEmail: (token: string): Promise<string | undefined> =>
      adminInvitationsRepository(database.db).findOpen(sha256(token)),

    /**
     * The first admin chooses a password. Where somebody registered with the address before, the account is the
     * admin's from now on: its password, sessions and links are gone.
     *
     * @throws Problem `admin-invitation.invalid`, `request.invalid` on a password that everybody guesses (check 32)
     */
    async accept(token: string, password: string, context: RequestContext): Promise<{ email: string }> {
      const email = await adminInvitationsRepository(database.db).findOpen(sha256(token))
      if (!email) throw new Problem("admin-invitation.invalid")
      await passwordPolicy.assertUncommon(password, { email, appName: "Gatepost" })
      const passwordHash = await hasher.hash(password)

      const isAccepted = await database.transaction(async (trx) => {
        const accounts = accountsRepository(trx)
        await adminInvitationsRepository(trx).lockInvitations()
        if (await roleGrantsRepository(trx).hasAdmin()) return false
        if (!(await adminInvitationsRepository(trx).consumeInvitation(sha256(token)))) return false

        const known = await accounts.findByEmail(email)
        const locked = known && (await accounts.lockById(known.id))
        if (locked) {
          await passwordReset.disown(trx, locked, context)
          await passwordReset.replace(trx, locked, passwordHash, "password-reset", context)
        }
        const person = { id: newId(), email, name: undefined, locale: context.language, passwordHash }
        const account = locked ?? (await accounts.insertAccount(person))
        if (!account) throw new Error("the first admin's address is kept for somebody else")
        await accounts.updateEmailVerified(account.id, email)
        await accounts.updateSuspended(account.id, false)
        const admin = { accountId: account.id, clientId: INSTALLATION, role: "admin", grantedBy: undefined }
        await roleGrantsRepository(trx).insertGrant(admin)
        const event = { event: "admin.accepted", outcome: "success", accountId: account.id } as const
        await insertAuditEvent(trx, event, context)
        return true
      })
      if (!isAccepted) throw new Problem("admin-invitation.invalid")
      return { email }
    },
  }
}
