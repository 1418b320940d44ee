import type { z } from "zod"
import type { MailDetailsView, MailList } from "../modules/mails/index.js"
import type { SuppressionDetailsView, SuppressionList } from "../modules/suppressions/index.js"

type Page<View extends z.ZodType> = z.input<View>

/** Answers in words, for a terminal. What strangers wrote, such as a server's answer, can't steer it. */
export function mailList({ items, next_cursor }: Page<typeof MailList>): string {
  if (items.length === 0) return "There is no such mail."
  const rows = items.map((mail) => [
    mail.id,
    mail.state,
    mail.lane,
    mail.kind,
    mail.recipient,
    String(mail.attempts),
    seconds(mail.created_at),
    mail.last_error ?? "-",
  ])
  const head = ["id", "state", "lane", "kind", "recipient", "tries", "written", "last word"]
  return table(head, rows) + more("--before", next_cursor)
}

export function mailPage(mail: Page<typeof MailDetailsView>): string {
  const { timeline, ...facts } = mail
  const about = Object.entries(facts).map(([name, value]) => [name, value === null ? "-" : String(value)])
  const events = timeline.map(({ at, from, to, detail }) => [at, from ?? "-", to, detail ?? "-"])
  return `${table([], about)}\n\n${table(["at", "from", "to", "detail"], events)}`
}

export function suppressionTable({ items, next_cursor }: Page<typeof SuppressionList>): string {
  if (items.length === 0) return "Every address gets mail."
  const rows = items.map(({ address, reason, created_at, expires_at, detail }) => [
    address,
    reason,
    seconds(created_at),
    expires_at ? seconds(expires_at) : "for good",
    detail ?? "-",
  ])
  return table(["address", "reason", "since", "until", "detail"], rows) + more("--after", next_cursor)
}

export function suppressionPage({ address, current, history }: Page<typeof SuppressionDetailsView>): string {
  const now = current
    ? suppressionTable({ items: [current], next_cursor: null })
    : printable(`${address} gets mail.`)
  if (history.length === 0) return now
  const rows = history.map(({ at, action, by, detail }) => [at, action, by, detail ?? "-"])
  return `${now}\n\n${table(["at", "what", "by", "detail"], rows)}`
}

const more = (option: string, cursor: string | null) =>
  cursor ? `\n\nThere may be more: the same with ${option} ${cursor}` : ""

const seconds = (time: string) => time.replace(/\.\d+Z$/, "Z")

// Control characters, and those that turn the direction of writing around.
const printable = (text: string) => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?")

function table(head: string[], rows: string[][]): string {
  const lines = [...(head.length > 0 ? [head] : []), ...rows].map((row) => row.map(printable))
  const widths =
    lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? []
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")
}
