import type { Fact } from "@gatepost/contracts"
import { type Db, deleteInBatches } from "@gatepost/postgres"
import type { Contact, MailSender } from "./contacts.types.js"

type FactOf<Kind extends Fact["kind"]> = Extract<Fact, { kind: Kind }>

interface ContactRow {
  user_id: string
  email: string | null
  email_verified: boolean
  name: string | null
  locale: string | null
  is_active: boolean
}

export const contactsRepository = (db: Db) => ({
  /** Only where nothing newer is known. */
  async upsertContact(fact: FactOf<"contact">): Promise<void> {
    await db.raw(
      `insert into notifications.contacts as known
         (user_id, version, email, email_verified, name, locale, is_active)
       values (:user_id, :version, :email, :email_verified, :name, :locale, :is_active)
       on conflict (user_id) do update
         set version = excluded.version, email = excluded.email, email_verified = excluded.email_verified,
             name = excluded.name, locale = excluded.locale, is_active = excluded.is_active, updated_at = now()
         where known.version < excluded.version`,
      fact,
    )
  },

  /** A later fact of before the deletion changes nothing. */
  async updateDeleted({ user_id, version }: FactOf<"account-deleted">): Promise<void> {
    await db.raw(
      `insert into notifications.contacts as known (user_id, version, email_verified, is_active)
       values (:user_id, :version, false, false)
       on conflict (user_id) do update
         set version = greatest(known.version, excluded.version), email = null, email_verified = false,
             name = null, locale = null, is_active = false, updated_at = now()`,
      { user_id, version },
    )
  },

  /** These are all the apps there are. */
  async upsertApps({ version, apps }: FactOf<"apps">): Promise<void> {
    await db.raw(
      `with gone as (
         delete from notifications.apps
         where version < :version and client_id <> all(select a.client_id from jsonb_to_recordset(:apps::jsonb) as a (client_id text))
       )
       insert into notifications.apps as known (client_id, version, name, mail_from, color, is_default)
       select a.client_id, :version, a.name, a.mail_from, a.color, a.is_default
       from jsonb_to_recordset(:apps::jsonb)
         as a (client_id text, name text, mail_from text, color text, is_default boolean)
       on conflict (client_id) do update
         set version = excluded.version, name = excluded.name, mail_from = excluded.mail_from,
             color = excluded.color, is_default = excluded.is_default
         where known.version < excluded.version`,
      { version, apps: JSON.stringify(apps) },
    )
  },

  async findContact(userId: string): Promise<Contact | undefined> {
    const { rows } = await db.raw(
      `select user_id, email, email_verified, name, locale, is_active
       from notifications.contacts where user_id = ?`,
      [userId],
    )
    return rows[0] && toContact(rows[0])
  },

  /** Who a mail is from: the app that sent the notification, or the default one where that is none of the apps. */
  async findMailSender(clientId: string): Promise<MailSender | undefined> {
    const { rows } = await db.raw(
      `select name, mail_from as "from", color from notifications.apps
       where client_id = :clientId or is_default order by client_id = :clientId desc limit 1`,
      { clientId },
    )
    return rows[0]
  },

  /** @returns false where this event was told before */
  async insertToldEvent(id: string): Promise<boolean> {
    const { rowCount } = await db.raw(
      "insert into notifications.told_events (id) values (?) on conflict do nothing",
      [id],
    )
    return rowCount === 1
  },

  async deleteOld(): Promise<void> {
    await deleteInBatches(db, "notifications.told_events", "told_at < now() - interval '30 days'")
    await deleteInBatches(
      db,
      "notifications.contacts",
      "email is null and updated_at < now() - interval '30 days'",
    )
  },
})

const toContact = (row: ContactRow): Contact => ({
  userId: row.user_id,
  email: row.email ?? undefined,
  emailVerified: row.email_verified,
  name: row.name ?? undefined,
  locale: row.locale ?? undefined,
  isActive: row.is_active,
})
