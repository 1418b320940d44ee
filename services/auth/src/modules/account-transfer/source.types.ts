/** One record of a file, with the line it ends on; or what is wrong with that line. */
export type SourceLine = { line: number; record: unknown } | { line: number; fault: string }

/** The file can't be read as what it should be; the message says why, and where. */
export class UnreadableFile extends Error {
  override readonly name = "UnreadableFile"
}

/** More than any person needs; what is longer is never in memory as a whole. */
export const MAX_RECORD_BYTES = 65_536
