import { MAX_RECORD_BYTES, type SourceLine, UnreadableFile } from "./source.types.js"

const NEWLINE = 0x0a
const OPENING_BRACKET = 0x5b

/** Reads one JSON object a line, in UTF-8; empty lines are passed over. */
export async function* readNdjson(chunks: AsyncIterable<Buffer>): AsyncGenerator<SourceLine> {
  let line = 0
  for await (const bytes of splitLines(chunks)) {
    line++
    const parsed = bytes.length > MAX_RECORD_BYTES ? { fault: "is too long" } : parse(bytes)
    if (line === 1 && bytes.at(0) === OPENING_BRACKET)
      throw new UnreadableFile("The file is one JSON array; make it an object a line: jq -c '.[]'")
    if (parsed) yield { line, ...parsed }
  }
}

/** Of a line that is too long, the beginning. */
async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      yield join(rest, chunk.subarray(start, end))
      rest = Buffer.alloc(0)
      start = end + 1
    }
    rest = join(rest, chunk.subarray(start))
  }
  if (rest.length > 0) yield rest
}

const join = (rest: Buffer, more: Buffer): Buffer =>
  rest.length > MAX_RECORD_BYTES ? rest : rest.length > 0 ? Buffer.concat([rest, more]) : more

function parse(bytes: Buffer): { record: unknown } | { fault: string } | undefined {
  let text: string
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    return { fault: "is not UTF-8" }
  }
  if (text.trim() === "") return undefined
  try {
    return { record: JSON.parse(text) }
  } catch {
    return { fault: "is not JSON" }
  }
}
