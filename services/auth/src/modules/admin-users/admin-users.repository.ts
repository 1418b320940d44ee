import type { Db } from "@gatepost/postgres"
import { isUuid } from "@gatepost/runtime"
import { type Account, type AccountRow, toAccount } from "../accounts/index.js"

/** A user as those see them who look after users: never a password, nor its hash. */
export interface AdminUserRecord extends Account {
  hasPassword: boolean
  suspendedAt: Date | undefined
  lastSignedInAt: Date | undefined
  /** `<client id, or *> <role>` each. */
  roleGrants: string[]
}

export interface UserFilter {
  /** How the address begins. */
  search: string | undefined
  status: "active" | "suspended" | undefined
  role: { clientId: string; role: string } | undefined
  /** The address that the page before ended with. */
  after: string | undefined
  limit: number
}

interface AdminUserRow extends AccountRow {
  has_password: boolean
  last_signed_in_at: Date | null
  role_grants: string[]
}

const SELECT = `select a.id, a.email, a.name, a.locale, a.email_verified_at, a.disabled_at, a.created_at, a.external_id,
    a.password_hash is not null as has_password,
    (select max(s.authenticated_at) from auth.sessions s where s.account_id = a.id) as last_signed_in_at,
    array(select g.client_id || ' ' || g.role from auth.role_grants g
      where g.account_id = a.id order by 1) as role_grants
  from auth.accounts a`

export const adminUsersRepository = (db: Db) => ({
  async findUser(id: string): Promise<AdminUserRecord | undefined> {
    const { rows } = await db.raw(`${SELECT} where a.id = ?`, [id])
    return rows[0] && toRecord(rows[0])
  },

  async findByAnyId(id: string): Promise<AdminUserRecord | undefined> {
    const { rows } = await db.raw(`${SELECT} where a.id = :uuid or a.external_id = :id`, {
      id,
      uuid: isUuid(id) ? id : null,
    })
    return rows[0] && toRecord(rows[0])
  },

  /** By address; what comes after a place costs the same however far it is. */
  async listUsers({ search, status, role, after, limit }: UserFilter): Promise<AdminUserRecord[]> {
    const { rows } = await db.raw(
      `${SELECT}
       where (:after::text is null or a.email collate "C" > :after)
         and (:prefix::text is null or a.email collate "C" like :prefix)
         and (:suspended::boolean is null or (a.disabled_at is not null) = :suspended)
         and (:role::text is null or exists (
           select from auth.role_grants g
           where g.account_id = a.id and g.client_id = :clientId and g.role = :role))
       order by a.email collate "C" limit :limit`,
      {
        after: after ?? null,
        prefix: search === undefined ? null : `${search.toLowerCase().replaceAll(/[\\%_]/g, "\\$&")}%`,
        suspended: status === undefined ? null : status === "suspended",
        clientId: role?.clientId ?? null,
        role: role?.role ?? null,
        limit,
      },
    )
    return rows.map(toRecord)
  },
})

const toRecord = (row: AdminUserRow): AdminUserRecord => ({
  ...toAccount(row),
  hasPassword: row.has_password,
  suspendedAt: row.disabled_at ?? undefined,
  lastSignedInAt: row.last_signed_in_at ?? undefined,
  roleGrants: row.role_grants,
})
