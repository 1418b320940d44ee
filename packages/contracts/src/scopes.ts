/** What a token may do, and what a person is told it means. */
export const scopes = {
  account: "Read and change your own account",
  "notifications:read": "Read your notifications and mark them as read",
  "notifications:write": "Send notifications to users",
  "facts:write": "Tell the notifications service of accounts, apps and what happened to them",
  "revocations:read": "Follow which sessions were revoked",
  "audit:read": "See what happened to all users and sessions",
  "mail:admin": "See all mails, have them sent again, and decide who gets mail",
  "users:read": "Find users, and see their sessions and roles",
  "users:write": "Suspend users, end their sessions, and have them sent password resets",
  "roles:write": "Give users roles, and take them away",
  "clients:write": "Make, rotate and revoke service clients and API keys",
  "webhooks:write": "Decide who is told what happens to users",
  "api-keys:verify": "Ask what an API key may do",
  "events:read": "Follow what happens to users and sessions",
} as const

export type Scope = keyof typeof scopes

/** The scopes of a person's first-party access token. */
export const userScopes = ["account", "notifications:read"] as const satisfies readonly Scope[]

/** What a program may be allowed: a service client, or whoever has an API key. */
export const serviceScopes = [
  "notifications:write",
  "revocations:read",
  "audit:read",
  "mail:admin",
  "users:read",
  "users:write",
  "events:read",
  "api-keys:verify",
] as const satisfies readonly Scope[]
