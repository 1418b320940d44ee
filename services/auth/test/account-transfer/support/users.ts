import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import type { TestDatabase } from "@gatepost/testkit"
import { type RunningScript, type ScriptResult, startScript } from "../../support/script.js"

const COMMAND = fileURLToPath(import.meta.resolve("#src/users.js"))

/** Starts `npm run users -- …` with the database alone, as the service's role. */
export const startUsers = (db: TestDatabase, args: string[]): RunningScript =>
  startUsersIn({ DATABASE_URL: db.urlOf("gatepost_auth") }, args)

export const startUsersIn = (env: Record<string, string>, args: string[]): RunningScript =>
  startScript(COMMAND, env, args)

export const runUsers = (db: TestDatabase, args: string[]): Promise<ScriptResult> =>
  startUsers(db, args).result

/** A folder for the files of some tests. */
export interface Folder {
  path(name: string): string
  /** A text as it is; records as NDJSON. Returns the path. */
  write(name: string, content: string | Buffer | object[]): string
  read(name: string): string
  /** The lines that the import of a file refused. */
  rejected(name: string): { line: number; reason: string }[]
  remove(): void
}

export function makeFolder(): Folder {
  const root = mkdtempSync(path.join(tmpdir(), "gatepost-users-"))
  const pathOf = (name: string) => path.join(root, name)
  return {
    path: pathOf,
    write(name, content) {
      writeFileSync(pathOf(name), Array.isArray(content) ? toNdjson(content) : content)
      return pathOf(name)
    },
    read: (name) => readFileSync(pathOf(name), "utf8"),
    rejected(name) {
      const file = pathOf(`${name}.rejected.ndjson`)
      if (!existsSync(file)) return []
      const lines = readFileSync(file, "utf8").trimEnd().split("\n")
      return lines.map((line) => JSON.parse(line))
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}

export const toNdjson = (records: object[]) => records.map((record) => `${JSON.stringify(record)}\n`).join("")

export interface StoredAccount {
  id: string
  email: string
  name: string | null
  locale: string | null
  password_hash: string | null
  external_id: string | null
  created_at: Date
  email_verified_at: Date | null
  disabled_at: Date | null
  imported_at: Date | null
}

/** Everybody in the database, in the order of their addresses. */
export const storedAccounts = (db: TestDatabase) =>
  db.query<StoredAccount>(
    `select id, email, name, locale, password_hash, external_id, created_at, email_verified_at, disabled_at, imported_at
     from auth.accounts order by email`,
  )

/** The audit events of imports and exports, the oldest first. */
export const transferEvents = (db: TestDatabase) =>
  db.query<{ event: string; outcome: string; detail: Record<string, unknown> }>(
    "select event, outcome, detail from auth.audit_events where event like 'accounts.%' order by id",
  )
