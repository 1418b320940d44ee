/** A person as the auth service told of them. */
export interface Contact {
  userId: string
  /** Nothing where the account is deleted. */
  email: string | undefined
  emailVerified: boolean
  name: string | undefined
  locale: string | undefined
  isActive: boolean
}

/** What a mail says of the app that it comes from. */
export interface MailSender {
  name: string
  from: string
  color: string
}
