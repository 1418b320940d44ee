import { buffer } from "node:stream/consumers"
import DKIM from "nodemailer/lib/dkim"
import type { DkimKey } from "./dkim-key.js"

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
 * Signs mails as they will go over the wire. A signature counts (DMARC, RFC 7489 section 3.1.1) when it is of the
 * sender's own domain, or one above it.
 *
 * @param key undefined: nothing is signed, since the mail server or provider does that
 * @returns a function from a sender's address and a mail to the mail with its signature in front; as it was for a
 * domain that is not ours
 */
export function createDkim(key: DkimKey | undefined): (sender: string, mail: Buffer) => Promise<Buffer> {
  return async (sender, mail) => {
    const domain = sender.slice(sender.lastIndexOf("@") + 1).toLowerCase()
    const ours = key?.domains.find((candidate) => `.${domain}`.endsWith(`.${candidate}`))
    if (!key || !ours) return mail
    const signer = new DKIM({
      domainName: ours,
      keySelector: key.selector,
      privateKey: key.privateKey.reveal(),
      headerFieldNames: SIGNED_HEADERS,
    })
    return buffer(signer.sign(mail))
  }
}
