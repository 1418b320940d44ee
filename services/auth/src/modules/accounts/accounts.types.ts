export interface Account {
  id: string
  email: string
  name: string | undefined
  emailVerified: boolean
  isActive: boolean
  createdAt: Date
}

/** An account with what proves a sign-in. */
export interface AccountCredentials extends Account {
  passwordHash: string | undefined
}
