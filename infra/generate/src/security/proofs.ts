/** A test, or a group of tests, that proves a check. */
export interface Proof {
  check: number
  file: string
  title: string
}

interface Title {
  indent: number
  text: string
}

const NAMED = /\bchecks? (\d+(?:(?:, | and | to )\d+)*)/gi
const COMMENT = /^\s*(?:\/\/|\/\*\*|\*)/
const TITLE = /^(\s*)(?:.*[\s)])?(?:describe|it|test)\(\s*(?:"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/
// How far the first test of a loop may stand below what is said of it.
const REACH = 8

/**
 * What the comments such as `// check 60` of a test file say. Each is about the test, or the group of tests, that
 * follows it; inside of one, about that one.
 */
export function proofsIn(file: string, text: string): Proof[] {
  const lines = text.split("\n")
  const around: Title[] = []
  return lines.flatMap((line, index) => {
    const indent = line.search(/\S/)
    if (indent >= 0) leave(around, indent)
    const own = titleAt(lines, index)
    if (own) around.push(own)
    const checks = COMMENT.test(line) ? checksIn(line) : []
    if (checks.length === 0) return []
    const about = titleBelow(lines, index + 1, indent)
    const title = [...around, ...(about ? [about] : [])].map(({ text }) => text).join(": ")
    return title ? checks.map((check) => ({ check, file, title })) : []
  })
}

function leave(around: Title[], indent: number): void {
  while (around.length > 0 && (around.at(-1)?.indent ?? 0) >= indent) around.pop()
}

/** `check 6`, `checks 39 and 46`, `checks 10 to 13` */
function checksIn(line: string): number[] {
  return [...line.matchAll(NAMED)].flatMap(([, list = ""]) =>
    list.split(/, | and /).flatMap((part) => {
      const [first = 0, last = first] = part.split(" to ").map(Number)
      return Array.from({ length: last - first + 1 }, (_, index) => first + index)
    }),
  )
}

/** The test or group that a comment stands over, or the first one of the loop that it stands over. */
function titleBelow(lines: string[], from: number, indent: number): Title | undefined {
  const next = lines.findIndex((line, index) => index >= from && !COMMENT.test(line) && line.trim() !== "")
  if (next < 0 || lines[next]?.search(/\S/) !== indent) return undefined
  const isLoop = /^\s*for \(/.test(lines[next] ?? "")
  for (let index = next; index < next + (isLoop ? REACH : 1); index++) {
    const found = titleAt(lines, index)
    if (found) return found
  }
  return undefined
}

/** The title that begins on this line, the text of which the formatter may have put on the next. */
function titleAt(lines: string[], index: number): Title | undefined {
  const line = lines[index] ?? ""
  if (COMMENT.test(line)) return undefined
  const whole = line.endsWith("(") ? line + (lines[index + 1] ?? "").trim() : line
  const [, indent = "", plain, template] = TITLE.exec(whole) ?? []
  const text = plain ?? template
  return text === undefined ? undefined : { indent: indent.length, text: text.replaceAll("\\", "") }
}
