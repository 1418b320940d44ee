import { createWriteStream, renameSync, statSync } from "node:fs"
import path from "node:path"
import { createInterface } from "node:readline"
import type { Readable } from "node:stream"

/** What a child process says, kept in a file of JSON lines. */
export interface ChildLog {
  file: string
  attach(output: Readable): void
  /** The newest lines, as a person reads them. */
  lastLines(): string[]
  close(): void
}

const ROTATE_BYTES = 5 * 1024 * 1024
const KEPT_LINES = 20
const REPEAT_MS = 60_000
const INFO = 30
const WARN = 40

const levelNames: Record<number, string> = { 40: "warn", 50: "error", 60: "fatal" }

/**
 * Opens the log of one child, moving a large old one aside.
 *
 * @param onWarning is given each line of level warn or above, as a person reads it
 */
export function openChildLog(folder: string, name: string, onWarning: (line: string) => void): ChildLog {
  const file = path.join(folder, `${name}.log`)
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > ROTATE_BYTES) renameSync(file, `${file}.1`)
  const stream = createWriteStream(file, { flags: "a", mode: 0o600 })
  // A full disk costs the log, not the service.
  stream.on("error", () => {})
  const kept: string[] = []

  const isNews = createNewsFilter()

  const take = (line: string) => {
    const entry = parse(line)
    const text = entry ? describe(entry) : line
    kept.push(text)
    if (kept.length > KEPT_LINES) kept.shift()
    const plain = { level: INFO, time: new Date().toISOString(), service: name, msg: line }
    stream.write(entry ? `${line}\n` : `${JSON.stringify(plain)}\n`)
    if (entry && entry.level >= WARN && isNews(text))
      onWarning(`${levelNames[entry.level] ?? "error"}  ${name}  ${text}`)
  }

  return {
    file,
    attach: (output) =>
      void createInterface({ input: output, crlfDelay: Number.POSITIVE_INFINITY }).on("line", take),
    lastLines: () => [...kept],
    close: () => stream.end(),
  }
}

/** A part that is away is told of a hundred times a minute; a person needs it once. */
function createNewsFilter(): (text: string) => boolean {
  const toldAt = new Map<string, number>()
  return (text) => {
    const now = Date.now()
    for (const [told, at] of toldAt) if (now - at > REPEAT_MS) toldAt.delete(told)
    if (toldAt.has(text)) return false
    toldAt.set(text, now)
    return true
  }
}

interface Entry {
  level: number
  msg?: string
  err?: { message?: string }
}

function parse(line: string): Entry | undefined {
  if (!line.startsWith("{")) return undefined
  try {
    const entry = JSON.parse(line)
    return typeof entry.level === "number" ? entry : undefined
  } catch {
    return undefined
  }
}

function describe({ msg, err }: Entry): string {
  return [msg, err?.message].filter(Boolean).join(": ")
}
