import { createHash } from "node:crypto"
import type { Logger } from "@gatepost/runtime"

export interface BreachedPasswords {
  /** Whether a password was in a breach; no, where nobody can say. */
  has(password: string): Promise<boolean>
}

const TIMEOUT_MS = 1_000
const PREFIX_LENGTH = 5

/**
 * Asks a service such as Have I Been Pwned by k-anonymity: it learns the first 20 bits of a SHA-1, with which
 * some 800 of its passwords begin, and answers with padding, so that the length tells nothing either. A service
 * that is away keeps nobody from choosing a password.
 *
 * @param url to which the five hexadecimal digits are added, such as `https://api.pwnedpasswords.com/range/`
 */
export function createBreachedPasswords(url: string, logger: Logger): BreachedPasswords {
  return {
    async has(password) {
      const hash = createHash("sha1").update(password.normalize("NFKC")).digest("hex").toUpperCase()
      try {
        const response = await fetch(url + hash.slice(0, PREFIX_LENGTH), {
          headers: { "Add-Padding": "true", "User-Agent": "gatepost" },
          redirect: "error",
          signal: AbortSignal.timeout(TIMEOUT_MS),
        })
        if (!response.ok) throw new Error(`status ${response.status}`)
        const lines = (await response.text()).split("\n").map((line) => line.trim().split(":"))
        // What is padding has been seen no times.
        return lines.some(([rest, count]) => rest === hash.slice(PREFIX_LENGTH) && Number(count) > 0)
      } catch (cause) {
        logger.warn({ err: cause }, "nobody says whether a password was in a breach; it is taken")
        return false
      }
    },
  }
}
