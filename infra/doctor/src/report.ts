import type { Line } from "./examine.js"
import type { Level } from "./verdict.js"

const WORST: readonly Level[] = ["fail", "warn", "ok"]

export const worstOf = (lines: readonly Line[]): Level =>
  WORST.find((level) => lines.some((line) => line.level === level)) ?? "ok"

/** A line each, with what to do, and the verdict on the whole. */
export function asText(lines: readonly Line[]): string {
  const width = Math.max(...lines.map(({ check }) => check.length))
  const rows = lines.map(
    ({ level, check, says, todo }) =>
      `${level.padEnd(4)}  ${check.padEnd(width)}  ${oneLine(says)}${todo ? ` → ${oneLine(todo)}` : ""}`,
  )
  const count = (level: Level) => lines.filter((line) => line.level === level).length
  return [...rows, "", `${count("ok")} ok, ${count("warn")} to look at, ${count("fail")} failed`].join("\n")
}

export const asJson = (lines: readonly Line[]): string =>
  JSON.stringify({ verdict: worstOf(lines), checks: lines }, null, 2)

const oneLine = (text: string) => text.replaceAll(/\s+/g, " ")
