/** What a token may do, and what a person is told it means. */
export const scopes = {
  account: "Read and change your own account",
  "notifications:read": "Read your notifications and mark them as read",
  "notifications:write": "Send notifications to users",
  "facts:write": "Tell the notifications service of accounts, apps and what happened to them",
  "revocations:read": "Follow which sessions were revoked",
  "mail:admin": "See all mails, have them sent again, and decide who gets mail",
} as const

export type Scope = keyof typeof scopes

/** The scopes of a person's first-party access token. */
export const userScopes = ["account", "notifications:read"] as const satisfies readonly Scope[]
