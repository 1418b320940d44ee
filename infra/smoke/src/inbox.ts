interface InboxMail {
  to: { address: string }[]
  text?: string
}

const ATTEMPTS = 50
const PAUSE_MS = 200

/**
 * The first link in the newest mail to an address, from the dev inbox's API.
 *
 * @throws when no such mail has come within ten seconds
 */
export async function waitForLink(inboxUrl: string, address: string): Promise<string> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const response = await fetch(new URL("/api/email", inboxUrl))
    const mails = (await response.json()) as InboxMail[]
    const mail = mails.findLast(({ to }) => to.some((recipient) => recipient.address === address))
    const link = /https?:\/\/\S+/.exec(mail?.text ?? "")
    if (link) return link[0]
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  throw new Error(`no mail to ${address} has come to ${inboxUrl}`)
}
