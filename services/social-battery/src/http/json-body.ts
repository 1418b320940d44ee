import express, { type RequestHandler } from "express"
import { visit } from "jsonc-parser"
import { Refusal } from "./refusal.js"

const JSON_IN_UTF8 = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i
const MAX_DEPTH = 8
const MAX_MEMBERS = 64
const POLLUTING_NAMES = new Set(["__proto__", "constructor", "prototype"])
const utf8 = new TextDecoder("utf-8", { fatal: true })

/**
 * Reads a body that is one JSON object into `req.body`. Stricter than `express.json()`, which takes doubled members
 * and `__proto__`, repairs invalid UTF-8 silently, and repeats what it could not read in its error.
 */
export function jsonBody(limitBytes: number): RequestHandler[] {
  const onlyJson: RequestHandler = (req, _res, next) => {
    if (!JSON_IN_UTF8.test(req.headers["content-type"] ?? ""))
      throw new Refusal("request_media_type_unsupported")
    next()
  }
  const parse: RequestHandler = (req, _res, next) => {
    req.body = parseJson(Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0))
    next()
  }
  return [onlyJson, express.raw({ type: () => true, limit: limitBytes }), parse]
}

/** PostgreSQL refuses NUL, and silently changes half a surrogate pair. */
export const isStorable = (text: string): boolean => !text.includes("\0") && text.isWellFormed()

function parseJson(bytes: Buffer): object {
  const text = decode(bytes)
  const value = parse(text)
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw unfit("not an object")
  assertStrict(text)
  return value
}

function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw unfit("not UTF-8")
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw unfit("not JSON")
  }
}

function assertStrict(text: string): void {
  const objects: Set<string>[] = []
  let depth = 0
  let members = 0
  const enter = () => {
    if (++depth > MAX_DEPTH) throw unfit("nested too deeply")
  }
  visit(text, {
    onObjectBegin() {
      enter()
      objects.push(new Set())
    },
    onObjectProperty(name) {
      if (objects.at(-1)?.has(name)) throw unfit("a member comes twice")
      if (POLLUTING_NAMES.has(name)) throw unfit("a member has a reserved name")
      if (!isStorable(name)) throw unfit("a name has a NUL or half a character")
      if (++members > MAX_MEMBERS) throw unfit("too many members")
      objects.at(-1)?.add(name)
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
      if (typeof value === "string" && !isStorable(value)) throw unfit("a text has a NUL or half a character")
    },
  })
}

const unfit = (reason: string) =>
  new Refusal("request_malformed", { message: `The body is unfit: ${reason}.` })
