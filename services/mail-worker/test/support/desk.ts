import { createOutbox, type OutgoingMail } from "@gatepost/mail-queue"
import { openDatabase } from "@gatepost/postgres"
import { createSealer } from "@gatepost/runtime"
import { type TestDatabase, testDatabase } from "@gatepost/testkit"
import type { WireMail } from "#src/transport.js"
import { type MailRow, mail } from "./setup.js"

/** A database with mails in it, for tests that need no queue and no process. */
export const desk = async () => deskOver(await testDatabase())

export function deskOver({ urlOf, query, drop }: TestDatabase) {
  const open = (role: "gatepost_auth" | "gatepost_mail") =>
    openDatabase({ url: urlOf(role), applicationName: role, poolSize: 4 })
  const auth = open("gatepost_auth")
  const database = open("gatepost_mail")
  const sealer = createSealer("a secret of the tests, long enough", "mail")
  const outbox = createOutbox({ sealer, messageIdDomain: "mail.example.com" })

  return {
    database,
    databaseUrl: urlOf("gatepost_mail"),
    sealer,
    query,
    async enqueue(more: Partial<OutgoingMail> = {}): Promise<string> {
      const id = await auth.transaction((trx) => outbox.enqueue(trx, mail(more)))
      if (!id) throw new Error("nothing was enqueued")
      return id
    },
    async row(id: string): Promise<MailRow> {
      const [row] = await query<MailRow>("select * from mail.messages where id = ?", [id])
      if (!row) throw new Error(`no mail ${id}`)
      return row
    },
    async states(id: string): Promise<string[]> {
      const rows = await query<{ to_state: string }>(
        "select to_state from mail.events where message_id = ? order by number",
        [id],
      )
      return rows.map(({ to_state }) => to_state)
    },
    async isSuppressed(address: string): Promise<boolean> {
      return (await query("select 1 from mail.suppressions where address = ?", [address])).length === 1
    },
    wireMail: (more: Partial<WireMail> = {}): WireMail => ({
      id: "0199b8a0-0000-7000-8000-000000000000",
      from: { name: "JobSwipe", address: "hello@jobswipe.example" },
      to: "jane@example.com",
      subject: "Confirm your email",
      html: "<p>Hello</p>",
      text: "Hello",
      messageId: "<1@mail.example.com>",
      date: new Date(0),
      headers: { "Content-Language": "en" },
      ...more,
    }),
    async close() {
      await auth.close()
      await database.close()
      await drop()
    },
  }
}

export type Desk = ReturnType<typeof deskOver>
