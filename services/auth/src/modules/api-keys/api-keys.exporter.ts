import type { Exporter } from "../accounts/index.js"

/** The keys that somebody made, without their secrets. */
export const apiKeysExporter: Exporter = async (db, { id }) => {
  const { rows } = await db.raw(
    `select
       (select coalesce(json_agg(x order by x.created_at), '[]') from (
          select id, name, scopes, created_at, expires_at, revoked_at, last_used_at
          from auth.api_keys where owner_id = :id) x) as api_keys`,
    { id },
  )
  return rows[0]
}
