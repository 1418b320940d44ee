import { counterKey, type Limiter } from "@gatepost/http"

/**
 * Who registers an address sends its mailbox something, whatever network they come from (SECURITY.md section 2).
 *
 * @throws Problem `request.too-many`, whether or not the address has an account
 */
export const admitMailbox = (limiter: Limiter, email: string): Promise<void> =>
  limiter.admit("register-address", counterKey(email.toLowerCase()))
