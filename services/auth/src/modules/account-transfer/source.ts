import { createReadStream, type ReadStream } from "node:fs"
import { stat } from "node:fs/promises"
import path from "node:path"
import { readCsv } from "./csv.js"
import { readNdjson } from "./ndjson.js"
import { type SourceLine, UnreadableFile } from "./source.types.js"

/** A file of people. */
export interface Source {
  lines: AsyncIterable<SourceLine>
  /** How much of it has been read, 0 to 1. */
  share(): number
}

const READERS: Record<string, (chunks: AsyncIterable<Buffer>) => AsyncIterable<SourceLine>> = {
  ".ndjson": readNdjson,
  ".jsonl": readNdjson,
  ".csv": readCsv,
}

/** @throws UnreadableFile where there is no such file, or its name does not say what is in it */
export async function openSource(file: string): Promise<Source> {
  const read = READERS[path.extname(file).toLowerCase()]
  if (!read) throw new UnreadableFile(`${file} must end in .ndjson, .jsonl or .csv`)
  const found = await stat(file).catch(() => undefined)
  if (!found?.isFile()) throw new UnreadableFile(`There is no file ${file}`)

  const stream = createReadStream(file)
  return { lines: read(chunksOf(stream, file)), share: () => Math.min(stream.bytesRead / found.size, 1) }
}

async function* chunksOf(stream: ReadStream, file: string): AsyncGenerator<Buffer> {
  try {
    yield* stream
  } catch (cause) {
    throw new UnreadableFile(`${file} can't be read: ${(cause as Error).message}`, { cause })
  }
}
