import type { Exporter } from "../accounts/index.js"

/** Passkeys, without their keys: those are of the device alone. */
export const passkeysExporter: Exporter = async (db, { id }) => {
  const { rows } = await db.raw(
    `select
       (select coalesce(json_agg(x order by x.created_at), '[]') from (
          select name, transports, is_synced, created_at, last_used_at
          from auth.passkeys where account_id = :id) x) as passkeys`,
    { id },
  )
  return rows[0]
}
