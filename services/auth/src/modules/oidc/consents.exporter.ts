import type { Exporter } from "../accounts/index.js"

/** The apps that somebody signed in to by the OpenID Provider, and what each may see. */
export const consentsExporter: Exporter = async (db, { id }) => {
  const { rows } = await db.raw(
    `select
       (select coalesce(json_agg(x order by x.granted_at), '[]') from (
          select client_id, array_agg(distinct scope) as scopes, min(created_at) as granted_at, max(expires_at) as ends_at
          from auth.sessions, unnest(scopes || string_to_array(coalesce(oidc_grant->'openid'->>'scope', ''), ' ')) as scope
          where account_id = :id and oidc_grant is not null and revoked_at is null and expires_at > now() and scope <> ''
          group by client_id) x) as consents`,
    { id },
  )
  return rows[0]
}
