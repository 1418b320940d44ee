import { DisplayName, Email } from "../accounts/index.js"
import type { OidcSettings } from "../social-providers/index.js"

const GOOGLE_MAIL = ["gmail.com", "googlemail.com"]

/** An address as our own have it, and a name that others may be shown; what is neither, nobody said. */
export const readEmail = (value: unknown): string | undefined => Email.safeParse(value).data
export const readName = (value: unknown): string | undefined => DisplayName.safeParse(value).data

/** Check 97: said in so many words. Apple writes its booleans as text, others have no excuse. */
export const isVerified = (claim: unknown, type: OidcSettings["type"]): boolean =>
  claim === true || (type === "apple" && claim === "true")

/**
 * Whether the provider gives out the addresses of that domain. Google says so itself: of Gmail, and of an address
 * that comes with the domain it hosts (`hd`).
 */
export function isAuthoritative(
  settings: OidcSettings,
  email: string | undefined,
  claims: Record<string, unknown>,
): boolean {
  const domain = email?.split("@")[1]
  if (!domain) return false
  if (settings.type === "google") return GOOGLE_MAIL.includes(domain) || claims.hd === domain
  return settings.type === "oidc" && settings.authoritative_domains.includes(domain)
}
