// RFC 5321 section 4.5.3.1: 64 octets before the @, 254 in all (erratum 1690 of RFC 3696).
const MAX_LOCAL_OCTETS = 64
const MAX_OCTETS = 254
// RFC 5322 section 3.2.3, without quotes and comments; letters of any script (RFC 6531).
const LOCAL_PART = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~.-]+$/u
const DOMAIN_LABEL = /^[\p{L}\p{N}]([\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?$/u

/**
 * Whether a text is one bare address and nothing else. Check 102: what a mail library would take for two
 * recipients, a group or a display name is no address here (SECURITY.md M16).
 */
export function isSingleAddress(text: string): boolean {
  // Whatever the types say, a list has an `indexOf` too.
  if (typeof text !== "string") return false
  const at = text.indexOf("@")
  if (at < 1 || Buffer.byteLength(text) > MAX_OCTETS) return false
  const local = text.slice(0, at)
  const labels = text.slice(at + 1).split(".")
  return (
    Buffer.byteLength(local) <= MAX_LOCAL_OCTETS &&
    LOCAL_PART.test(local) &&
    labels.every((label) => DOMAIN_LABEL.test(label))
  )
}
