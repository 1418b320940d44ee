import type { Account } from "./accounts.types.js"

// RFC 6761 section 6.4: no mail ever gets there, and nobody can say that it is theirs.
const GUEST_DOMAIN = "guest.invalid"

/** What stands for the address of somebody who has told none yet. */
export const guestEmail = (accountId: string): string => `${accountId}@${GUEST_DOMAIN}`

export const isGuestEmail = (email: string): boolean => email.endsWith(`@${GUEST_DOMAIN}`)

/** Whether somebody has told us nothing yet by which they could come back. */
export const isGuest = ({ email }: Pick<Account, "email">): boolean => isGuestEmail(email)
