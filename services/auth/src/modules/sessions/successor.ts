import { createHmac } from "node:crypto"

/**
 * The one successor of a refresh token, the same however often it is asked for (DESIGN.md D4): an HMAC
 * under the server's secret and the session's salt, so that neither a stolen database nor a stolen
 * secret alone yields tokens. 256 bits in base64url.
 */
export function deriveSuccessor(refreshToken: string, salt: Buffer, serverSecret: string): string {
  const key = createHmac("sha256", serverSecret).update(salt).digest()
  return createHmac("sha256", key).update(refreshToken).digest("base64url")
}
