import { type FieldError, Problem, type RequestContext } from "@gatepost/http"
import type { Database } from "@gatepost/postgres"
import { type Account, accountsRepository } from "../accounts/index.js"
import type { Apps } from "../apps/index.js"
import { insertAuditEvent } from "../audit/index.js"
import { type PersonalProfile, type ProfileMembers, profilesRepository } from "./profiles.repository.js"
import { ProfileValue } from "./profiles.schemas.js"

export type ProfilesService = ReturnType<typeof createProfilesService>

export function createProfilesService({ database, apps }: { database: Database; apps: Apps }) {
  return {
    /** The account, with what the app of the session keeps of it. */
    async read(account: Account, clientId: string): Promise<PersonalProfile> {
      return { account, members: await profilesRepository(database.db).findMembers(account.id, clientId) }
    },

    /**
     * Changes the name, and the members that the app keeps; a member that is null goes, others stay.
     *
     * @throws Problem `request.invalid` for a value that no profile has
     */
    async change(
      account: Account,
      clientId: string,
      changes: Record<string, unknown>,
      context: RequestContext,
    ) {
      const kept = apps.find(clientId)?.profile_members ?? []
      const members = readMembers(changes, kept)
      const { name } = changes

      return database.transaction(async (trx): Promise<PersonalProfile> => {
        if (typeof name === "string") await accountsRepository(trx).updateName(account.id, name)
        if (Object.keys(members).length > 0) {
          await profilesRepository(trx).upsertMembers(account.id, clientId, members)
        }
        const event = { event: "account.profile-changed", outcome: "success", clientId } as const
        await insertAuditEvent(trx, { ...event, accountId: account.id }, context)
        const changed = await accountsRepository(trx).lockById(account.id)
        return {
          account: changed ?? account,
          members: await profilesRepository(trx).findMembers(account.id, clientId),
        }
      })
    },

    /** @throws Problem `user.not-found` */
    async findByEmail(email: string): Promise<Account> {
      const account = await accountsRepository(database.db).findByEmail(email)
      if (!account?.isActive) throw new Problem("user.not-found")
      return account
    },
  }
}

function readMembers(changes: Record<string, unknown>, kept: readonly string[]): ProfileMembers {
  const errors: FieldError[] = []
  const members: ProfileMembers = {}
  for (const name of kept) {
    if (!Object.hasOwn(changes, name)) continue
    const value = ProfileValue.safeParse(changes[name])
    if (value.success) members[name] = value.data
    else
      errors.push({
        pointer: `/${name}`,
        message: "must be a short text, a number, true, false, null, or a list of texts",
      })
  }
  if (errors.length > 0) throw new Problem("request.invalid", { errors })
  return members
}
