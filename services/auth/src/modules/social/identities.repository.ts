import type { Db } from "@gatepost/postgres"
import type { Vouched } from "./social.types.js"

export interface Identity {
  id: string
  accountId: string
  provider: string
  email: string | undefined
  createdAt: Date
  lastUsedAt: Date
}

interface IdentityRow {
  id: string
  account_id: string
  provider: string
  email: string | null
  created_at: Date
  last_used_at: Date
}

const COLUMNS = "id, account_id, provider, email, created_at, last_used_at"
// A person with more of them than this sees the first.
const LIST_LIMIT = 50

/** What of it is sealed, and with what. */
export const IDENTITIES_SEALED = {
  table: "auth.identities",
  id: "id",
  column: "refresh_token_sealed",
  purpose: "upstream refresh tokens",
} as const

export const identitiesRepository = (db: Db) => ({
  async findByKey({ issuer, subject }: Pick<Vouched, "issuer" | "subject">): Promise<Identity | undefined> {
    const { rows } = await db.raw(`select ${COLUMNS} from auth.identities where issuer = ? and subject = ?`, [
      issuer,
      subject,
    ])
    return rows[0] && toIdentity(rows[0])
  },

  async listOf(accountId: string): Promise<Identity[]> {
    const { rows } = await db.raw(
      `select ${COLUMNS} from auth.identities where account_id = ? order by id limit ${LIST_LIMIT}`,
      [accountId],
    )
    return rows.map(toIdentity)
  },

  async findCount(accountId: string): Promise<number> {
    const { rows } = await db.raw("select count(*)::int as count from auth.identities where account_id = ?", [
      accountId,
    ])
    return rows[0].count
  },

  /** @returns nothing where somebody has it already */
  async insertIdentity(
    id: string,
    accountId: string,
    { provider, issuer, subject, upstreamClientId, email }: Vouched,
  ): Promise<Identity | undefined> {
    const { rows } = await db.raw(
      `insert into auth.identities (id, account_id, provider, issuer, subject, upstream_client_id, email)
       values (:id, :accountId, :provider, :issuer, :subject, :upstreamClientId, :email)
       on conflict (issuer, subject) do nothing returning ${COLUMNS}`,
      { id, accountId, provider, issuer, subject, upstreamClientId, email: email ?? null },
    )
    return rows[0] && toIdentity(rows[0])
  },

  async updateUsed(id: string, email: string | undefined): Promise<void> {
    await db.raw("update auth.identities set last_used_at = now(), email = coalesce(?, email) where id = ?", [
      email ?? null,
      id,
    ])
  },

  /** What takes the consent back upstream, and the client that may. */
  async updateRefreshToken(id: string, sealed: Buffer, upstreamClientId: string): Promise<void> {
    await db.raw("update auth.identities set refresh_token_sealed = ?, upstream_client_id = ? where id = ?", [
      sealed,
      upstreamClientId,
      id,
    ])
  },

  async deleteIdentity(id: string, accountId: string): Promise<Identity | undefined> {
    const { rows } = await db.raw(
      `delete from auth.identities where id = ? and account_id = ? returning ${COLUMNS}`,
      [id, accountId],
    )
    return rows[0] && toIdentity(rows[0])
  },
})

const toIdentity = (row: IdentityRow): Identity => ({
  id: row.id,
  accountId: row.account_id,
  provider: row.provider,
  email: row.email ?? undefined,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
})
