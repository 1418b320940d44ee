import type { Exporter } from "../accounts/index.js"

/** That second factors are on, and since when; never what they are proved with. */
export const secondFactorsExporter: Exporter = async (db, { id }) => {
  const { rows } = await db.raw(
    `select
       (select json_build_object(
          'totp_since', (select confirmed_at from auth.totp_factors where account_id = :id),
          'recovery_codes_left', (
            select count(*) from auth.recovery_codes where account_id = :id and consumed_at is null)
       )) as second_factors,
       (select coalesce(json_agg(x order by x.created_at), '[]') from (
          select user_agent, created_at, last_used_at, expires_at
          from auth.remembered_devices where account_id = :id) x) as remembered_devices`,
    { id },
  )
  return rows[0]
}
