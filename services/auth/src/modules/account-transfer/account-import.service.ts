import type { Database, Db } from "@gatepost/postgres"
import { accountsTransferRepository, type IncomingAccount, type Taken } from "../accounts/index.js"
import { insertAuditEvent } from "../audit/index.js"
import { profilesRepository } from "../profiles/index.js"
import { type Candidate, createLineCheck, type Rejection } from "./line-check.js"
import type { SourceLine } from "./source.types.js"

export interface ImportOptions {
  /** For the audit. */
  file: string
  /** Says what would come of it, and writes nothing. */
  isDryRun: boolean
}

/** What became of some lines, which are committed by now. */
export interface ImportProgress {
  /** The last line that was looked at. */
  line: number
  added: number
  here: number
  rejected: Rejection[]
  /** Members met so far that mean nothing here. */
  ignored: ReadonlySet<string>
}

// Some 100 ms of one transaction, in which nobody can register an address of it.
const BATCH = 5_000

const REASONS: Record<Exclude<Taken, "here">, string> = {
  email: "email is that of somebody else here",
  external_id: "external_id is that of somebody else here",
  id: "id is that of somebody else here",
}

export type AccountImport = ReturnType<typeof createAccountImport>

export function createAccountImport({ database }: { database: Database }) {
  return {
    /**
     * Adds the people of a file who are not here yet, in transactions of some thousand lines, each with its audit
     * event; who is here already stays as they are. So an import that was interrupted is simply run again.
     */
    async *run(source: AsyncIterable<SourceLine>, options: ImportOptions): AsyncGenerator<ImportProgress> {
      const { check, ignored } = createLineCheck()
      let candidates: Candidate[] = []
      let rejected: Rejection[] = []
      for await (const line of source) {
        const checked = check(line)
        if ("reason" in checked) rejected.push(checked)
        else candidates.push(checked)
        if (candidates.length + rejected.length === BATCH) yield await finish(line.line)
      }
      if (candidates.length + rejected.length > 0) yield await finish(lastOf(candidates, rejected))

      async function finish(line: number): Promise<ImportProgress> {
        const taken = await bringIn(candidates, options)
        const refused = candidates.flatMap(({ line, account }) => {
          const by = taken.get(account.id)
          return by && by !== "here" ? [{ line, reason: REASONS[by] }] : []
        })
        const progress = {
          line,
          added: candidates.length - taken.size,
          here: taken.size - refused.length,
          rejected: [...rejected, ...refused].sort((one, other) => one.line - other.line),
          ignored,
        }
        candidates = []
        rejected = []
        return progress
      }
    },
  }

  /** @returns those who did not come in, by their ids */
  function bringIn(candidates: Candidate[], { file, isDryRun }: ImportOptions): Promise<Map<string, Taken>> {
    const accounts = candidates.map(({ account }) => account)
    if (isDryRun) return accountsTransferRepository(database.db).listTaken(accounts)

    return database.transaction(async (trx) => {
      const repository = accountsTransferRepository(trx)
      await repository.lockImports()
      const left = await repository.insertIncoming(accounts)
      const added = accounts.length - left.size
      if (added > 0) {
        const lines = `${candidates.at(0)?.line}-${candidates.at(-1)?.line}`
        const detail = { file, lines, added }
        await insertProfiles(trx, candidates, left)
        await insertAuditEvent(trx, { event: "accounts.imported", outcome: "success", detail })
      }
      return left.size > 0
        ? takenOf(await repository.listTaken(accounts.filter(isIn(left))), left)
        : new Map()
    })
  }
}

async function insertProfiles(trx: Db, candidates: Candidate[], left: Set<string>): Promise<void> {
  const profiles = candidates.flatMap(({ account, profiles }) => (left.has(account.id) ? [] : profiles))
  if (profiles.length > 0) await profilesRepository(trx).insertProfiles(profiles)
}

const isIn =
  (ids: Set<string>) =>
  ({ id }: IncomingAccount) =>
    ids.has(id)

/** Whoever stood in the way and went in the same moment counts as being there: the next run tells. */
const takenOf = (found: Map<string, Taken>, left: Set<string>): Map<string, Taken> =>
  new Map([...left].map((id) => [id, found.get(id) ?? "email"]))

const lastOf = (...lists: { line: number }[][]) => Math.max(...lists.map((list) => list.at(-1)?.line ?? 0))
