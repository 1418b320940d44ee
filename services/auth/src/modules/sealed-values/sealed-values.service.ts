import type { Database } from "@gatepost/postgres"
import { createSealer } from "@gatepost/runtime"
import { type SealedColumn, type SealedRow, sealedValuesRepository } from "./sealed-values.repository.js"

export type { SealedColumn } from "./sealed-values.repository.js"

export interface Resealed {
  table: string
  column: string
  /** Were sealed with a secret before, and are with the present one now. */
  renewed: number
  /** No secret that is known opens them. */
  lost: string[]
}

const PAGE = 200

/**
 * Seals anew what secrets before sealed, while services go on: each value by itself, so that it may be stopped and run
 * again. What is sealed with the present one stays as it is.
 */
export async function resealAll(
  database: Database,
  columns: readonly SealedColumn[],
  secrets: { encryptionSecret: string; previousSecrets: readonly string[] },
): Promise<Resealed[]> {
  const results: Resealed[] = []
  for (const column of columns) results.push(await resealColumn(database, column, secrets))
  return results
}

async function resealColumn(
  database: Database,
  column: SealedColumn,
  { encryptionSecret, previousSecrets }: { encryptionSecret: string; previousSecrets: readonly string[] },
): Promise<Resealed> {
  const present = createSealer(encryptionSecret, column.purpose)
  const all = createSealer(encryptionSecret, column.purpose, previousSecrets)
  const values = sealedValuesRepository(database.db, column)
  const result: Resealed = { table: column.table, column: column.column, renewed: 0, lost: [] }

  let after: string | undefined
  for (;;) {
    const rows = await values.listAfter(after, PAGE)
    for (const row of rows) await reseal(row)
    after = rows.at(-1)?.id
    if (rows.length < PAGE) return result
  }

  async function reseal(row: SealedRow): Promise<void> {
    if (opened(present, row) !== undefined) return
    const text = opened(all, row)
    if (text === undefined) result.lost.push(row.id)
    else if (await values.updateSealed(row, present.seal(text, row.id), column.keyId?.(encryptionSecret)))
      result.renewed++
  }
}

function opened(sealer: { open(sealed: Buffer, context: string): string }, { id, sealed }: SealedRow) {
  try {
    return sealer.open(sealed, id)
  } catch {
    return undefined
  }
}
