import { setTimeout as sleep } from "node:timers/promises"

export interface Mail {
  to: { address: string }[]
  subject: string
  text: string
  html: string
}

export interface Inbox {
  /** The mails to an address, the oldest first, once there are so many that fit. */
  wait(address: string, subject: RegExp, count?: number): Promise<Mail[]>
}

const WAIT_MS = 20_000
const PAUSE_MS = 100

/** Reads the dev inbox by its API. */
export function createInbox(url: string): Inbox {
  return {
    async wait(address, subject, count = 1) {
      const deadline = Date.now() + WAIT_MS
      for (;;) {
        const response = await fetch(new URL("/api/email", url))
        const mails = (await response.json()) as Mail[]
        const found = mails.filter((mail) => mail.to[0]?.address === address && subject.test(mail.subject))
        if (found.length >= count) return found
        if (Date.now() > deadline) {
          throw new Error(`${found.length} of ${count} mails to ${address} with ${subject} came to ${url}`)
        }
        await sleep(PAUSE_MS)
      }
    },
  }
}

/** What a pattern's group finds in the plain text of a mail. */
export function taken(mail: Mail | undefined, pattern: RegExp): string {
  const [, found] = pattern.exec(mail?.text ?? "") ?? []
  if (!found) throw new Error(`the mail has nothing like ${pattern}: ${mail?.text}`)
  return found
}
