import { readFileSync } from "node:fs"

export interface Check {
  number: number
  priority: string
  requirement: string
}

export interface Chapter {
  title: string
  checks: Check[]
}

const SOURCE = new URL("../../security-checks.md", import.meta.url)
const ROW = /^\| (\d+) \| (P\d) \| (.+) \|$/

/** The checks of `infra/generate/security-checks.md`, by chapter. */
export function readChecks(text = readFileSync(SOURCE, "utf8")): Chapter[] {
  const chapters: Chapter[] = []
  for (const line of text.split("\n")) {
    if (line.startsWith("## ")) chapters.push({ title: line.slice(3), checks: [] })
    const [, number, priority = "", requirement = ""] = ROW.exec(line) ?? []
    if (number) chapters.at(-1)?.checks.push({ number: Number(number), priority, requirement })
  }
  return chapters
}
