import { Readable } from "node:stream"
import { CsvError, type Info, parse } from "csv-parse"
import { MAX_RECORD_BYTES, type SourceLine, UnreadableFile } from "./source.types.js"

/**
 * Reads a table whose first row names the columns, as RFC 4180 has it, in UTF-8.
 *
 * @throws UnreadableFile at the first broken quote: nobody knows where the next record begins
 */
export async function* readCsv(chunks: AsyncIterable<Buffer>): AsyncGenerator<SourceLine> {
  const options = { bom: true, info: true, skip_empty_lines: true, relax_column_count: true } as const
  const parser = Readable.from(chunks).pipe(parse({ ...options, max_record_size: MAX_RECORD_BYTES }))
  let columns: string[] | undefined
  try {
    for await (const { record: cells, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      if (columns) yield { line: info.lines, ...toRecord(columns, cells) }
      else columns = checkColumns(cells)
    }
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause
    throw new UnreadableFile(`${cause.message}. Nothing after that was read; correct it, and run this again`)
  }
}

function checkColumns(cells: string[]): string[] {
  const columns = cells.map((cell) => cell.trim())
  if (!columns.includes("email"))
    throw new UnreadableFile("The file's first row names no column `email`; it must name the columns")
  const twice = columns.find((column, index) => columns.indexOf(column) < index)
  if (twice !== undefined) throw new UnreadableFile(`The file's first row names \`${twice}\` twice`)
  return columns
}

function toRecord(columns: string[], cells: string[]): { record: unknown } | { fault: string } {
  if (cells.length !== columns.length)
    return { fault: `has ${cells.length} cells; the first row has ${columns.length}` }
  if (cells.some((cell) => cell.includes("\ufffd"))) return { fault: "is not UTF-8" }
  return { record: Object.fromEntries(columns.map((column, index) => [column, cells[index]])) }
}
