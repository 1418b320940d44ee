import type { Exporter } from "../accounts/index.js"

/** The providers somebody signs in with, without the tokens these gave us. */
export const identitiesExporter: Exporter = async (db, { id }) => {
  const { rows } = await db.raw(
    `select
       (select coalesce(json_agg(x order by x.created_at), '[]') from (
          select provider, issuer, subject, email, created_at, last_used_at
          from auth.identities where account_id = :id) x) as identities`,
    { id },
  )
  return rows[0]
}
