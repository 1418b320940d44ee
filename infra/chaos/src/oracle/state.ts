import type { Site } from "@gatepost/fleet"

/** What is in the database, as far as load makes it. */
export interface State {
  /** Ids by email. */
  accounts: Map<string, string>
  verified: Set<string>
  /** Each refresh token's parent; hashes in hex. */
  tokens: Map<string, string | null>
  consumed: Set<string>
  /** Titles by id. */
  notifications: Map<string, string>
  /** `<kind> <recipient>` */
  mails: Set<string>
  /** Accounts whose password was reset, by the audit. */
  resets: Set<string>
  doubled: string[]
  halves: string[]
}

/** Each query tells what must not be. */
const DOUBLED = {
  "notifications of one key":
    "select title as what from notifications.notifications where sender = 'backend' group by title having count(*) > 1",
  "verification mails of one registration":
    "select recipient as what from mail.messages where kind = 'verify-email' group by recipient having count(*) > 1",
  "a registration's audit row":
    "select account_id::text as what from auth.audit_events where event = 'account.registered' group by account_id having count(*) > 1",
}

const HALVES = {
  "a user without audit row": `
    select id::text as what from auth.accounts where not exists (
      select 1 from auth.audit_events where account_id = accounts.id and event = 'account.registered')`,
  "a user without verification": `
    select id::text as what from auth.accounts where email_verified_at is null and not exists (
      select 1 from auth.email_verifications where account_id = accounts.id)`,
  "a token family with two heads": `
    select session_id::text as what from auth.refresh_tokens where consumed_at is null
    group by session_id having count(*) > 1`,
  "a live session without a head": `
    select id::text as what from auth.sessions where revoked_at is null and not exists (
      select 1 from auth.refresh_tokens where session_id = sessions.id and consumed_at is null)`,
  "a used reset link without a new password": `
    select account_id::text as what from auth.password_resets where consumed_at is not null and not exists (
      select 1 from auth.audit_events where account_id = password_resets.account_id and event = 'password.reset'
      and at >= password_resets.created_at)`,
  "a session taken for stolen": `
    select session_id::text as what from auth.audit_events where event = 'session.refresh-reused'`,
}

export async function readState(site: Site): Promise<State> {
  const all = <Row>(statement: string) => site.query<Row>(statement)
  const ask = async (questions: Record<string, string>) => {
    const answers: string[] = []
    for (const [name, statement] of Object.entries(questions))
      for (const { what } of await all<{ what: string }>(statement)) answers.push(`${name}: ${what}`)
    return answers
  }
  const accounts = await all<{ id: string; email: string; verified: boolean }>(
    "select id, email, email_verified_at is not null as verified from auth.accounts",
  )
  const tokens = await all<{ hash: string; parent: string | null; spent: boolean }>(
    `select encode(token_hash, 'hex') as hash, encode(parent_hash, 'hex') as parent,
            consumed_at is not null as spent from auth.refresh_tokens`,
  )
  const notes = await all<{ id: string; title: string }>("select id, title from notifications.notifications")
  const mails = await all<{ kind: string; recipient: string }>("select kind, recipient from mail.messages")
  const resets = await all<{ id: string }>(
    "select account_id as id from auth.audit_events where event = 'password.reset'",
  )
  return {
    accounts: new Map(accounts.map(({ email, id }) => [email, id])),
    verified: new Set(accounts.filter(({ verified }) => verified).map(({ id }) => id)),
    tokens: new Map(tokens.map(({ hash, parent }) => [hash, parent])),
    consumed: new Set(tokens.filter(({ spent }) => spent).map(({ hash }) => hash)),
    notifications: new Map(notes.map(({ id, title }) => [id, title])),
    mails: new Set(mails.map(({ kind, recipient }) => `${kind} ${recipient}`)),
    resets: new Set(resets.map(({ id }) => id)),
    doubled: await ask(DOUBLED),
    halves: await ask(HALVES),
  }
}
