import { isUtf8 } from "node:buffer"
import { refuse } from "./errors.js"

// JSON.parse lets the last of two equal members win, where another reader takes the first, and keeps
// `__proto__` as a member that later merges into a prototype. In a token both are an attack, never an accident.

/** Names that never name data: as a member, or as a key id. */
export const UNSAFE_NAMES: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"])

// Ours nest twice. A bound keeps recursion over claims (here, or where they are logged) off the stack's end.
const MAX_DEPTH = 16
// JSON allows no other white space above it, and nothing else below it.
const SPACE = 0x20

export type JsonObject = Readonly<Record<string, unknown>>

/** Decodes one base64url part of a token; throws `token_invalid` unless it is one unambiguous JSON object. */
export function parseStrictObject(part: string, name: string): JsonObject {
  const text = decodeText(part, name)
  return assertUnambiguous(parse(text, name), text, name)
}

export function decodeText(part: string, name: string): string {
  const bytes = Buffer.from(part, "base64url")
  if (!isUtf8(bytes)) refuse(`the ${name} is not UTF-8`)
  return bytes.toString("utf8")
}

/** Takes what JSON.parse made of a text; returns it deeply frozen, or throws if it is not the whole of it. */
export function assertUnambiguous(value: unknown, text: string, name: string): JsonObject {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    refuse(`the ${name} is not a JSON object`)
  }
  // Each name that is written but not there afterwards was written twice.
  if (freezeAndCount(value, name, 1) !== countWrittenNames(text)) refuse(`the ${name} has a member twice`)
  return value as JsonObject
}

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The engine's message quotes the input, so it is not kept as the cause.
    return refuse(`the ${name} is not JSON`)
  }
}

function freezeAndCount(value: object, name: string, depth: number): number {
  if (depth > MAX_DEPTH) refuse(`the ${name} is nested too deeply`)
  let count = 0
  for (const [member, inner] of Object.entries(value)) {
    if (UNSAFE_NAMES.has(member)) refuse(`the ${name} has an unsafe member`)
    if (inner !== null && typeof inner === "object") count += freezeAndCount(inner, name, depth + 1)
    count += 1
  }
  Object.freeze(value)
  return Array.isArray(value) ? count - value.length : count
}

/** Expects text that JSON.parse took: there, a string with a colon behind it is a member's name. */
function countWrittenNames(text: string): number {
  let count = 0
  let start = text.indexOf('"')
  while (start !== -1) {
    let end = text.indexOf('"', start + 1)
    while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
    let next = end + 1
    while (text.charCodeAt(next) <= SPACE) next++
    if (text[next] === ":") count++
    start = text.indexOf('"', next)
  }
  return count
}

function isEscaped(text: string, at: number): boolean {
  let before = at
  while (text[before - 1] === "\\") before--
  return (at - before) % 2 === 1
}
