import type { Db } from "@gatepost/postgres"
import { COLUMNS, toAccount } from "./accounts.repository.js"
import type { Account } from "./accounts.types.js"

/** An account at its end. What other modules keep under its address, beside rows that go with it, is named here too. */
export const accountsDepartureRepository = (db: Db) => ({
  /** Until the transaction ends nobody begins anything with the account, not even a session. */
  async lockForDeletion(id: string): Promise<Account | undefined> {
    const { rows } = await db.raw(`select ${COLUMNS} from auth.accounts where id = ? for update`, [id])
    return rows[0] ? toAccount(rows[0]) : undefined
  },

  async updateDisabled(id: string, isDisabled: boolean): Promise<void> {
    await db.raw(
      "update auth.accounts set disabled_at = case when :isDisabled then now() end, updated_at = now() where id = :id",
      { id, isDisabled },
    )
  },

  /**
   * A locked account that was about to go stays; where an operator suspended it meanwhile, it stays so.
   *
   * @returns whether it was about to go
   */
  async withdrawDeletion(id: string): Promise<boolean> {
    const { rows } = await db.raw(
      "delete from auth.account_deletions where account_id = ? returning suspended_at is null as enables",
      [id],
    )
    if (rows[0]?.enables) await this.updateDisabled(id, false)
    return rows.length === 1
  },

  /** Of an account that is about to go, and disabled for that; @returns whether that changed anything */
  async updateLeaverSuspended(id: string, suspended: boolean): Promise<boolean> {
    const { rowCount } = await db.raw(
      `update auth.account_deletions set suspended_at = case when :suspended then now() end
       where account_id = :id and (suspended_at is null) = :suspended`,
      { id, suspended },
    )
    return rowCount === 1
  },

  /**
   * Deletes an account with all rows that name it.
   *
   * @returns its address, and those it had, but for what is somebody else's now
   */
  async deleteAccount(id: string): Promise<string[]> {
    const { rows } = await db.raw(
      `select email from (
         select email from auth.accounts where id = :id
         union select email from auth.reserved_emails where account_id = :id
         union select old_email from auth.email_changes where account_id = :id
         union select new_email from auth.email_changes where account_id = :id
       ) addresses
       where not exists (select from auth.accounts a where a.email = addresses.email and a.id <> :id)`,
      { id },
    )
    await db.raw(
      `delete from auth.oidc_artifacts
       where payload ->> 'accountId' = :id or payload -> 'params' ->> 'login_hint' = any(:emails)
         or payload -> 'lastSubmission' -> 'login' ->> 'accountId' = :id
         or payload -> 'session' ->> 'accountId' = :id`,
      { id, emails: rows.map(({ email }: { email: string }) => email) },
    )
    await db.raw("delete from auth.accounts where id = ?", [id])
    return rows.map(({ email }: { email: string }) => email)
  },
})
