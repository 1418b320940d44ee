import type { Exporter } from "../accounts/index.js"

/** What somebody is here, and in which app. */
export const rolesExporter: Exporter = async (db, { id }) => {
  const { rows } = await db.raw(
    `select
       (select coalesce(json_agg(x order by x.granted_at), '[]') from (
          select client_id, role, granted_at
          from auth.role_grants where account_id = :id) x) as roles`,
    { id },
  )
  return rows[0]
}
