const MAX_NAME_LENGTH = 60
// Check 103: controls such as CR, LF and NUL, line and paragraph separators, and what turns the direction of
// the text around. The joiners that some scripts need stay.
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu
// `//evil`, `eve@evil`, `tel:1`, `evil.example` and its full stops of other scripts; not `J.R.R.`.
const LINK_LIKE = /[/\\@]|[\p{L}\p{N}]:|[.\u3002\uff0e\uff61][\p{L}\p{N}]{2}/u

/** A text that stays on one line, wherever it is put. */
export function oneLine(text: string): string {
  return text.replace(UNPRINTABLE, " ").replace(/\s+/g, " ").trim()
}

/**
 * A name that somebody typed, if it is fit for a greeting. Check 30: anybody can register another's address
 * under the name `evil.example`, and mail programs make links of such.
 */
export function greetingName(name: string | undefined): string | undefined {
  const line = oneLine(name ?? "")
  if (LINK_LIKE.test(line)) return undefined
  return [...line].slice(0, MAX_NAME_LENGTH).join("").trim() || undefined
}
