import type { Db } from "@gatepost/postgres"

/** Somebody who comes from another backend, or from another Gatepost. */
export interface IncomingAccount {
  id: string
  /** Whether the id came along; it was made here otherwise. */
  hasOwnId: boolean
  email: string
  name: string | undefined
  /** The language of their mails, as a tag. */
  locale: string | undefined
  passwordHash: string | undefined
  emailVerified: boolean
  isActive: boolean
  /** RFC 3339; now if unknown. */
  createdAt: string | undefined
  externalId: string | undefined
}

/** Why an account did not come in: they are here already, or somebody else has what is theirs alone. */
export type Taken = "here" | "email" | "external_id" | "id"

const INCOMING = `json_to_recordset(:accounts) as incoming (
  id uuid, "hasOwnId" boolean, email text, name text, locale text, "passwordHash" text, "emailVerified" boolean,
  "isActive" boolean, "createdAt" timestamptz, "externalId" text)`

export const accountsTransferRepository = (db: Db) => ({
  /** One import at a time, to the end of the transaction: two would wait for each other's rows. */
  async lockImports(): Promise<void> {
    await db.raw("select pg_advisory_xact_lock(hashtext('auth.accounts import'))")
  },

  /** Adds those who collide with nobody; returns the ids of the others. */
  async insertIncoming(accounts: IncomingAccount[]): Promise<Set<string>> {
    const { rows } = await db.raw(
      `insert into auth.accounts (id, email, name, locale, password_hash, email_verified_at, disabled_at, created_at,
         external_id, imported_at)
       select id, email, name, locale, "passwordHash", case when "emailVerified" then now() end,
         case when not "isActive" then now() end, coalesce("createdAt", now()), "externalId", now()
       from ${INCOMING}
       on conflict do nothing
       returning id`,
      { accounts: JSON.stringify(accounts) },
    )
    const left = new Set(accounts.map(({ id }) => id))
    for (const { id } of rows as { id: string }[]) left.delete(id)
    return left
  },

  /**
   * What keeps accounts from coming in, by their ids. Whose address is here is the same person if the id or the
   * external id is the same too; where the file has neither, if the account was imported.
   */
  async listTaken(accounts: IncomingAccount[]): Promise<Map<string, Taken>> {
    const { rows } = await db.raw(
      `select incoming.id,
         case
           when by_email.id = incoming.id then 'here'
           when not "hasOwnId" and by_email.external_id = "externalId" then 'here'
           when not "hasOwnId" and "externalId" is null and by_email.imported_at is not null then 'here'
           when by_email.id is not null then 'email'
           when by_external_id.id is not null then 'external_id'
           else 'id'
         end as taken
       from ${INCOMING}
       left join auth.accounts by_email on by_email.email = incoming.email
       left join auth.accounts by_external_id on by_external_id.external_id = "externalId"
       left join auth.accounts by_id on by_id.id = incoming.id
       where coalesce(by_email.id, by_external_id.id, by_id.id) is not null`,
      { accounts: JSON.stringify(accounts) },
    )
    return new Map(rows.map(({ id, taken }: { id: string; taken: Taken }) => [id, taken]))
  },

  /** Everybody after an id, in the form that an import reads, a line of JSON each; `limit` of them at most. */
  async listOutgoing(after: string, limit: number, withPasswordHashes: boolean) {
    const { rows } = await db.raw(
      `select id, json_strip_nulls(row_to_json(outgoing))::text as line
       from (
         select id, external_id, email, name, locale, email_verified_at is not null as email_verified,
           disabled_at is null as is_active,
           to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
           (select jsonb_object_agg(client_id, members) from auth.profiles where account_id = accounts.id) as profiles
           ${withPasswordHashes ? ", password_hash" : ""}
         from auth.accounts where id > :after order by id limit :limit
       ) outgoing order by id`,
      { after, limit },
    )
    return rows as { id: string; line: string }[]
  },
})
