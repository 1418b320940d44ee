import { type FileHandle, open, rm } from "node:fs/promises"
import type { Rejection } from "./line-check.js"
import { UnreadableFile } from "./source.types.js"

/** The lines that did not come in, each with its number and the reason, in a file beside theirs. */
export interface Rejects {
  readonly file: string
  add(rejected: Rejection[]): Promise<void>
  /** Where nothing was added there is no file. */
  close(): Promise<void>
}

/** @throws UnreadableFile where the file can't be written; what an earlier run left there is replaced */
export async function openRejects(source: string): Promise<Rejects> {
  const file = `${source}.rejected.ndjson`
  let count = 0
  let handle: FileHandle
  try {
    handle = await open(file, "w", 0o600)
  } catch (cause) {
    throw new UnreadableFile(`${file}, for lines that are refused, can't be written`, { cause })
  }

  return {
    file,
    async add(rejected) {
      count += rejected.length
      await handle.appendFile(rejected.map((rejection) => `${JSON.stringify(rejection)}\n`).join(""))
    },
    async close() {
      await handle.close()
      if (count === 0) await rm(file, { force: true })
    },
  }
}
