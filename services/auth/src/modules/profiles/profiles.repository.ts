import type { Db } from "@gatepost/postgres"
import type { Account } from "../accounts/index.js"

/** An account, with what an app keeps of it. */
export interface PersonalProfile {
  account: Account
  members: ProfileMembers
}

export type ProfileMembers = Record<string, string | number | boolean | string[] | null>

/** What one app keeps of one person. */
export interface KeptProfile {
  accountId: string
  clientId: string
  members: ProfileMembers
}

export const profilesRepository = (db: Db) => ({
  async findMembers(accountId: string, clientId: string): Promise<ProfileMembers> {
    const { rows } = await db.raw(
      "select members from auth.profiles where account_id = ? and client_id = ?",
      [accountId, clientId],
    )
    return rows[0]?.members ?? {}
  },

  /** Adds to what there is; a member that is null goes. */
  async upsertMembers(accountId: string, clientId: string, members: ProfileMembers): Promise<void> {
    await db.raw(
      `insert into auth.profiles as p (account_id, client_id, members)
       values (:accountId, :clientId, jsonb_strip_nulls(:members::jsonb))
       on conflict (account_id, client_id) do update
         set members = jsonb_strip_nulls(p.members || :members::jsonb), updated_at = now()`,
      { accountId, clientId, members: JSON.stringify(members) },
    )
  },

  /** Of people who have none yet. */
  async insertProfiles(profiles: KeptProfile[]): Promise<void> {
    await db.raw(
      `insert into auth.profiles (account_id, client_id, members)
       select "accountId", "clientId", jsonb_strip_nulls(members)
       from json_to_recordset(:profiles) as kept ("accountId" uuid, "clientId" text, members jsonb)`,
      { profiles: JSON.stringify(profiles) },
    )
  },
})
