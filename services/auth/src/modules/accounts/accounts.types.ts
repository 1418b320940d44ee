export interface Account {
  id: string
  email: string
  name: string | undefined
  /** The language they registered in, as a tag; mails are written in it. */
  locale: string | undefined
  emailVerified: boolean
  isActive: boolean
  createdAt: Date
  /** What a former backend called them; nobody else has it. */
  externalId: string | undefined
}

/** An account with what proves a sign-in. */
export interface AccountCredentials extends Account {
  passwordHash: string | undefined
}
