import type { WriteStream } from "node:tty"

/** Tells a person how far something is. */
export interface ProgressLine {
  /** @param share 0 to 1, where the end is known */
  show(lines: number, share?: number): void
  /** Before anything else is written. */
  clear(): void
}

const BAR_WIDTH = 30
const LINE_EVERY_MS = 5_000

/** A bar that moves on a terminal; elsewhere a line now and then. */
export function createProgressLine(stream: Pick<WriteStream, "isTTY" | "write">): ProgressLine {
  const started = Date.now()
  let shown = started

  return {
    show(lines, share) {
      const now = Date.now()
      const text = textOf(lines, share, now - started)
      if (stream.isTTY) stream.write(`\r${bar(share)}${text}\u001b[K`)
      else if (now - shown >= LINE_EVERY_MS) {
        stream.write(`${text}\n`)
        shown = now
      }
    },
    clear() {
      if (stream.isTTY) stream.write("\r\u001b[K")
    },
  }
}

function textOf(lines: number, share: number | undefined, elapsedMs: number): string {
  const perSecond = Math.round((lines / Math.max(elapsedMs, 1)) * 1_000)
  const percent = share === undefined ? "" : `${Math.floor(share * 100)} %, `
  return `${percent}${grouped(lines)} lines, ${grouped(perSecond)} a second`
}

function bar(share: number | undefined): string {
  if (share === undefined) return ""
  const full = Math.round(share * BAR_WIDTH)
  return `[${"=".repeat(full)}${" ".repeat(BAR_WIDTH - full)}] `
}

/** `1,000,000` */
export const grouped = (count: number): string => count.toLocaleString("en")
