import type { Db } from "@gatepost/postgres"

// A person has few of these but audit events, of which the newest are the ones they may know.
const LIMIT = 10_000

/**
 * What is known of an account, as JSON that PostgreSQL writes: a view over other modules' tables, without secrets, and
 * without who of the operators did something, and why.
 */
export const exportsRepository = (db: Db) => ({
  async findAll(accountId: string): Promise<Record<string, unknown>> {
    const { rows } = await db.raw(
      `select
        (select row_to_json(x) from (
           select locale, external_id, imported_at, updated_at, email_verified_at, password_hash is not null as has_password
           from auth.accounts where id = :accountId) x) as account,
        (select coalesce(json_object_agg(client_id, members), '{}') from auth.profiles
         where account_id = :accountId) as profiles,
        (select coalesce(json_agg(x order by x.created_at), '[]') from (
           select s.id, client_id, device_name, user_agent, host(s.ip) as ip, s.created_at, s.expires_at, revoked_at,
             (select coalesce(json_agg(distinct host(t.ip)), '[]') from auth.refresh_tokens t
              where t.session_id = s.id and t.ip is not null) as refreshed_from
           from auth.sessions s where account_id = :accountId limit ${LIMIT}) x) as sessions,
        (select coalesce(json_agg(x order by x.created_at), '[]') from (
           select old_email, new_email, created_at, consumed_at, undone_at
           from auth.email_changes where account_id = :accountId limit ${LIMIT}) x) as email_changes,
        (select coalesce(json_agg(x order by x.seen_at), '[]') from (
           select kind, seen_at from auth.known_devices where account_id = :accountId limit ${LIMIT}) x) as known_devices,
        (select coalesce(json_agg(x order by x.at), '[]') from (
           select at, event, outcome, session_id, client_id, host(ip) as ip, user_agent,
             detail - array['by', 'reason'] as detail
           from auth.audit_events where account_id = :accountId order by id desc limit ${LIMIT}) x) as activity`,
      { accountId },
    )
    return rows[0]
  },
})
