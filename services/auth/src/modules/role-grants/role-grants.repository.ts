import type { Db } from "@gatepost/postgres"

export interface RoleGrant {
  /** `*`: of the installation. */
  clientId: string
  role: string
  grantedAt: Date
}

/**
 * The active admins, locked until the transaction ends, in one order: of two statements at once that would each
 * take one of the last two, the second waits, and then counts anew.
 */
const ADMINS = `admins as materialized (
  select g.account_id from auth.role_grants g join auth.accounts a on a.id = g.account_id
  where g.client_id = '*' and g.role = 'admin' and a.disabled_at is null
  order by g.account_id for no key update of g, a
)`

export const roleGrantsRepository = (db: Db) => ({
  async listGrants(accountId: string): Promise<RoleGrant[]> {
    const { rows } = await db.raw(
      `select client_id as "clientId", role, granted_at as "grantedAt" from auth.role_grants
       where account_id = ? order by client_id, role`,
      [accountId],
    )
    return rows
  },

  /** @returns whether the account did not have it */
  async insertGrant(grant: {
    accountId: string
    clientId: string
    role: string
    grantedBy: string | undefined
  }): Promise<boolean> {
    const { rowCount } = await db.raw(
      `insert into auth.role_grants (account_id, client_id, role, granted_by)
       values (:accountId, :clientId, :role, :grantedBy) on conflict do nothing`,
      { ...grant, grantedBy: grant.grantedBy ?? null },
    )
    return rowCount === 1
  },

  /** Takes a role of an app, or of the installation but `admin`; @returns whether the account had it */
  async deleteGrant(accountId: string, clientId: string, role: string): Promise<boolean> {
    const { rowCount } = await db.raw(
      "delete from auth.role_grants where account_id = ? and client_id = ? and role = ?",
      [accountId, clientId, role],
    )
    return rowCount === 1
  },

  /** Takes the role `admin` from somebody who is not the last to have it (check 110). */
  async deleteAdmin(accountId: string): Promise<boolean> {
    const { rowCount } = await db.raw(
      `with ${ADMINS}
       delete from auth.role_grants
       where account_id = :accountId and client_id = '*' and role = 'admin'
         and exists (select from admins where account_id <> :accountId)`,
      { accountId },
    )
    return rowCount === 1
  },

  /**
   * Whether somebody else would still be an admin without this account. What this says stays true until the
   * transaction ends.
   */
  async lockOtherAdmins(accountId: string): Promise<boolean> {
    const { rows } = await db.raw(
      `with ${ADMINS} select exists (select from admins where account_id <> ?) as others`,
      [accountId],
    )
    return rows[0].others
  },

  /** Whether anybody can be an admin now. */
  async hasAdmin(): Promise<boolean> {
    const { rows } = await db.raw(
      `select exists (
         select from auth.role_grants g join auth.accounts a on a.id = g.account_id
         where g.client_id = '*' and g.role = 'admin' and a.disabled_at is null) as has`,
    )
    return rows[0].has
  },
})
