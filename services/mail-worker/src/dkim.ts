import type { DkimKey } from "./dkim-key.js"

/** What nodemailer signs a mail with. */
export interface DkimSigner {
  domainName: string
  keySelector: string
  privateKey: string
  headerFieldNames: string
}

// RFC 6376 section 5.4.1: what a reader sees or is told by; RFC 8058 section 4: both unsubscribe headers.
const SIGNED_HEADERS = [
  "From",
  "To",
  "Subject",
  "Date",
  "Message-ID",
  "MIME-Version",
  "Content-Type",
  "Content-Language",
  "Auto-Submitted",
  "List-Unsubscribe",
  "List-Unsubscribe-Post",
].join(":")

/**
 * Chooses what a mail is signed with: a signature counts (DMARC, RFC 7489 section 3.1.1) when it is of the
 * sender's own domain, or one above it.
 *
 * @param key undefined: nothing is signed, since the mail server or provider does that
 * @returns a function from a sender's address to what signs it; undefined for a domain that is not ours
 */
export function createDkim(key: DkimKey | undefined): (sender: string) => DkimSigner | undefined {
  return (sender) => {
    const domain = sender.slice(sender.lastIndexOf("@") + 1).toLowerCase()
    const ours = key?.domains.find((candidate) => `.${domain}`.endsWith(`.${candidate}`))
    if (!key || !ours) return undefined
    return {
      domainName: ours,
      keySelector: key.selector,
      privateKey: key.privateKey.reveal(),
      headerFieldNames: SIGNED_HEADERS,
    }
  }
}
