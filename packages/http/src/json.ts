import { visit } from "jsonc-parser"
import { Problem } from "./problems/index.js"

const MAX_DEPTH = 8
const MAX_MEMBERS = 64
const POLLUTING_NAMES = new Set(["__proto__", "constructor", "prototype"])
const utf8 = new TextDecoder("utf-8", { fatal: true })

/**
 * Parses a request body strictly: `JSON.parse` alone takes duplicate members, `__proto__` and any
 * depth, and express replaces invalid UTF-8, so that two passwords become equal (SECURITY.md M10).
 *
 * @throws Problem `request.malformed`, which never quotes the body
 */
export function parseJson(bytes: Buffer): Record<string, unknown> {
  try {
    const text = utf8.decode(bytes)
    const value: unknown = JSON.parse(text)
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed("not an object")
    assertStrict(text)
    return value as Record<string, unknown>
  } catch (cause) {
    if (cause instanceof Problem) throw cause
    throw malformed("not JSON in UTF-8")
  }
}

/** PostgreSQL refuses NUL, and silently changes lone surrogates (SECURITY.md M9). */
export const isStorable = (text: string): boolean => !text.includes("\0") && text.isWellFormed()

function assertStrict(text: string): void {
  const objects: Set<string>[] = []
  let depth = 0
  let members = 0
  const enter = () => {
    if (++depth > MAX_DEPTH) throw malformed("nested too deeply")
  }

  visit(text, {
    onObjectBegin() {
      enter()
      objects.push(new Set())
    },
    onObjectProperty(name) {
      const seen = objects.at(-1)
      if (seen?.has(name)) throw malformed("a member comes twice")
      if (POLLUTING_NAMES.has(name)) throw malformed("a member has a reserved name")
      if (!isStorable(name)) throw malformed("a name has a NUL or half a character")
      if (++members > MAX_MEMBERS) throw malformed("too many members")
      seen?.add(name)
    },
    onObjectEnd() {
      depth--
      objects.pop()
    },
    onArrayBegin: enter,
    onArrayEnd() {
      depth--
    },
    onLiteralValue(value) {
      if (typeof value === "number" && !Number.isFinite(value)) throw malformed("a number is too large")
      if (typeof value === "string" && !isStorable(value))
        throw malformed("a text has a NUL or half a character")
    },
  })
}

const malformed = (detail: string) =>
  new Problem("request.malformed", { detail: `The body is unfit: ${detail}.` })
