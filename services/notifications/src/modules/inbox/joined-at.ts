const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7/i

/**
 * When a user joined, as PostgreSQL reads it: what was told to everyone before is not theirs. Ids are UUIDv7 of that
 * moment; those with another id came with a former backend's users (ADR 0020), so they were there before all of it.
 */
export function joinedAt(userId: string): string {
  if (!UUID_V7.test(userId)) return "-infinity"
  return new Date(Number.parseInt(userId.replaceAll("-", "").slice(0, 12), 16)).toISOString()
}
