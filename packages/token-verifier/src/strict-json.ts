import { isUtf8 } from "node:buffer"
import { refuse } from "./errors.js"

// JSON.parse lets the last of two equal members win, where another reader takes the first, and keeps
// `__proto__` as a member that later merges into a prototype. In a token both are an attack, never an accident.

/** Names that never name data: as a member, or as a key id. */
export const UNSAFE_NAMES: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"])

// Ours nest twice. A bound keeps recursion over claims (freezing, logging) off the stack's end.
const MAX_DEPTH = 16

export type JsonObject = Record<string, unknown>

/** Decodes one base64url part of a token; throws `token_invalid` unless it is one unambiguous JSON object. */
export function parseStrictObject(part: string, name: string): JsonObject {
  const bytes = Buffer.from(part, "base64url")
  if (!isUtf8(bytes)) refuse(`the ${name} is not UTF-8`)
  const text = bytes.toString("utf8")
  const value = parse(text, name)
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    refuse(`the ${name} is not a JSON object`)
  }
  assertUnambiguous(text, name)
  return value as JsonObject
}

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The engine's message quotes the input, so it is not kept as the cause.
    refuse(`the ${name} is not JSON`)
  }
}

/** Expects text that JSON.parse took: only strings, braces and brackets are left to tell apart. */
function assertUnambiguous(text: string, name: string): void {
  const open: Set<string>[] = []
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === "{" || char === "[") {
      if (open.push(new Set()) > MAX_DEPTH) refuse(`the ${name} is nested too deeply`)
    } else if (char === "}" || char === "]") {
      open.pop()
    } else if (char === '"') {
      const end = endOfString(text, at)
      if (isMemberName(text, end)) addMember(open.at(-1), JSON.parse(text.slice(at, end)), name)
      at = end - 1
    }
  }
}

function addMember(members: Set<string> | undefined, member: string, name: string): void {
  if (UNSAFE_NAMES.has(member)) refuse(`the ${name} has an unsafe member`)
  if (members?.has(member)) refuse(`the ${name} has a member twice`)
  members?.add(member)
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1
  return at + 1
}

function isMemberName(text: string, end: number): boolean {
  let at = end
  while (text[at] === " " || text[at] === "\n" || text[at] === "\r" || text[at] === "\t") at++
  return text[at] === ":"
}
