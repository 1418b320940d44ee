import type { Db } from "@gatepost/postgres"

/** A column with what is sealed under KEY_ENCRYPTION_SECRET, as its module says it. */
export interface SealedColumn {
  table: string
  /** The key of the table, which is what a value is bound to. */
  id: string
  column: string
  purpose: string
  /** Where a row says which key sealed it. */
  keyIdColumn?: string
  keyId?(secret: string): string
}

export interface SealedRow {
  id: string
  sealed: Buffer
}

export const sealedValuesRepository = (db: Db, { table, id, column, keyIdColumn }: SealedColumn) => ({
  async listAfter(after: string | undefined, limit: number): Promise<SealedRow[]> {
    const { rows } = await db.raw(
      `select ${id}::text as id, ${column} as sealed from ${table}
       where ${column} is not null and ${id}::text > coalesce(cast(:after as text), '')
       order by ${id}::text limit :limit`,
      { after: after ?? null, limit },
    )
    return rows
  },

  /** @returns whether it was still what was read: whoever changed it meanwhile sealed it anew */
  async updateSealed({ id: key, sealed }: SealedRow, renewed: Buffer, keyId = ""): Promise<boolean> {
    const { rowCount } = await db.raw(
      `update ${table} set ${column} = :renewed ${keyIdColumn ? `, ${keyIdColumn} = :keyId` : ""}
       where ${id}::text = :key and ${column} = :sealed`,
      { key, sealed, renewed, ...(keyIdColumn && { keyId }) },
    )
    return rowCount === 1
  },
})
