import { mkdtempSync, rmSync } from "node:fs"
import { type FileHandle, open } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"

/** What a service said that it had done. */
export type Acknowledged =
  | { op: "register"; id: string; email: string }
  | { op: "verify"; id: string }
  | { op: "login"; id: string; head: string }
  | { op: "refresh"; id: string; spent: string; head: string }
  | { op: "forgot"; email: string }
  | { op: "reset"; id: string; password: string }
  | { op: "send"; id: string; key: string }

export interface Journal {
  /** Where it is kept: one JSON object on each line. */
  readonly file: string
  readonly entries: readonly Acknowledged[]
  /** Resolves when it is on the disk. */
  note(entry: Acknowledged): Promise<void>
  close(): Promise<void>
}

/** What was acknowledged, in a file that is synced after each answer: whatever dies, what it says is owed. */
export async function openJournal(): Promise<Journal> {
  const folder = mkdtempSync(path.join(tmpdir(), "gatepost-journal-"))
  const name = path.join(folder, "acknowledged.jsonl")
  const file: FileHandle = await open(name, "a")
  const entries: Acknowledged[] = []
  return {
    file: name,
    entries,
    async note(entry) {
      entries.push(entry)
      await file.appendFile(`${JSON.stringify({ ...entry, ack: true })}\n`)
      await file.datasync()
    },
    async close() {
      await file.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
