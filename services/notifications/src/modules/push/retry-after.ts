const LONGEST_SECONDS = 3_600

/** RFC 9110 section 10.2.3: seconds or a date; nothing where it is neither. */
export function retryAfterSeconds(header: string | null | undefined, now = Date.now()): number | undefined {
  if (!header) return undefined
  const seconds = /^\d{1,9}$/.test(header) ? Number(header) : (Date.parse(header) - now) / 1000
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 1), LONGEST_SECONDS) : undefined
}
