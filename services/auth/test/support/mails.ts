import { type Bundle, TOKEN } from "./setup.js"

/** What browsers say they take when somebody opens a link. */
export const BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"

/** How many mails of a kind an address was sent. */
export async function countMails({ db }: Bundle, kind: string, recipient: string): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    "select count(*)::int as count from mail.messages where kind = ? and recipient = ?",
    [kind, recipient],
  )
  return row?.count ?? 0
}

/** The tokens in an address's mails of a kind, the oldest first. */
export async function tokensFromMails(auth: Bundle, kind: string, recipient: string): Promise<string[]> {
  const mails = (await auth.mails()).filter((mail) => mail.kind === kind && mail.recipient === recipient)
  return mails.map(({ payload }) => TOKEN.exec(payload.link ?? "")?.[0] ?? "none")
}

/** The codes in an address's mails of a kind, the oldest first. */
export async function codesFromMails(auth: Bundle, kind: string, recipient: string): Promise<string[]> {
  const mails = (await auth.mails()).filter((mail) => mail.kind === kind && mail.recipient === recipient)
  return mails.map(({ payload }) => payload.code?.digits ?? "none")
}

/** A code that is surely another one. */
export const wrong = (code: string): string =>
  String((Number(code) + 1) % 10 ** code.length).padStart(code.length, "0")
