import type { Db } from "@gatepost/postgres"

const BATCH = 100
const GUEST_DAYS = 30

export const departuresRepository = (db: Db) => ({
  /** @returns when the account goes */
  async upsertDeletion(deletion: {
    accountId: string
    tokenHash: Buffer
    clientId: string
    delaySeconds: number
  }): Promise<Date> {
    const { rows } = await db.raw(
      `insert into auth.account_deletions (account_id, token_hash, client_id, due_at)
       values (:accountId, :tokenHash, :clientId, now() + make_interval(secs => :delaySeconds))
       on conflict (account_id) do update set token_hash = excluded.token_hash, client_id = excluded.client_id,
         requested_at = now(), due_at = excluded.due_at
       returning due_at`,
      deletion,
    )
    return rows[0].due_at
  },

  async findByToken(tokenHash: Buffer): Promise<string | undefined> {
    const { rows } = await db.raw("select account_id from auth.account_deletions where token_hash = ?", [
      tokenHash,
    ])
    return rows[0]?.account_id
  },

  /** @returns whether it was still to be deleted */
  async deleteDeletion(accountId: string): Promise<boolean> {
    const { rowCount } = await db.raw("delete from auth.account_deletions where account_id = ?", [accountId])
    return rowCount === 1
  },

  /**
   * Guests of 30 days and more whose sessions can be refreshed no longer: having told no address, they have no other
   * way back (ADR 38).
   */
  async listAbandonedGuests(): Promise<string[]> {
    const { rows } = await db.raw(
      `select a.id from auth.accounts a
       where a.email like '%@guest.invalid' and a.created_at < now() - interval '${GUEST_DAYS} days'
         and not exists (
           select from auth.sessions s join auth.refresh_tokens t on t.session_id = s.id
           where s.account_id = a.id and s.revoked_at is null and s.expires_at > now() and t.expires_at > now())
       order by a.created_at limit ${BATCH}`,
    )
    return rows.map(({ id }: { id: string }) => id)
  },

  async listDue(): Promise<{ accountId: string; clientId: string }[]> {
    const { rows } = await db.raw(
      `select account_id as "accountId", client_id as "clientId" from auth.account_deletions
       where due_at <= now() order by due_at limit ${BATCH}`,
    )
    return rows
  },
})
