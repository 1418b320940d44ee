import type { Database } from "@gatepost/postgres"
import { accountsTransferRepository } from "../accounts/index.js"
import { insertAuditEvent } from "../audit/index.js"

const BEFORE_ALL = "00000000-0000-0000-0000-000000000000"
const PAGE = 5_000

export type AccountExport = ReturnType<typeof createAccountExport>

export function createAccountExport({ database }: { database: Database }) {
  return {
    /**
     * Everybody, as lines that an import reads, some thousand at a time. Who comes or changes meanwhile may be in it
     * or not. That it began is audited.
     */
    async *run(options: { withPasswordHashes: boolean }): AsyncGenerator<{ text: string; people: number }> {
      const { withPasswordHashes } = options
      const detail = { with_password_hashes: withPasswordHashes }
      await insertAuditEvent(database.db, { event: "accounts.exported", outcome: "success", detail })

      let after: string | undefined = BEFORE_ALL
      while (after) {
        const page: { id: string; line: string }[] = await accountsTransferRepository(
          database.db,
        ).listOutgoing(after, PAGE, withPasswordHashes)
        if (page.length > 0) yield { text: page.map(({ line }) => `${line}\n`).join(""), people: page.length }
        after = page.at(-1)?.id
      }
    },
  }
}
