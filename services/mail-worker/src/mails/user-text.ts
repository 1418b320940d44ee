const MAX_NAME_LENGTH = 60
// Check 103: controls such as CR, LF and NUL, line and paragraph separators, and what turns the direction of
// the text around. The joiners that some scripts need stay.
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu
const ZERO_WIDTH_SPACE = "\u200b"

/** A text that stays on one line, wherever it is put. */
export function oneLine(text: string): string {
  return text.replace(UNPRINTABLE, " ").replace(/\s+/g, " ").trim()
}

/**
 * A name that somebody typed, fit for a greeting. Anybody can register another's address under the name
 * `Click evil.example`: no mail program may make a link of it.
 */
export function greetingName(name: string | undefined): string | undefined {
  const [...characters] = oneLine(name ?? "")
  const short = characters.slice(0, MAX_NAME_LENGTH).join("").trim()
  return short.replace(/(?<=[.:/@])(?=\S)/g, ZERO_WIDTH_SPACE) || undefined
}
