export interface Account {
  id: string
  email: string
  name: string | undefined
  /** The language they registered in, as a tag; mails are written in it. */
  locale: string | undefined
  emailVerified: boolean
  isActive: boolean
  createdAt: Date
}

/** An account with what proves a sign-in. */
export interface AccountCredentials extends Account {
  passwordHash: string | undefined
}
