/** `warn` works, but not as it should; `fail` does not work, or will not for long. */
export type Level = "ok" | "warn" | "fail"

export interface Verdict {
  level: Level
  /** What was found; never a secret. */
  says: string
  /** What to do about it. */
  todo?: string
}

export const ok = (says: string): Verdict => ({ level: "ok", says })
export const warn = (says: string, todo: string): Verdict => ({ level: "warn", says, todo })
export const fail = (says: string, todo: string): Verdict => ({ level: "fail", says, todo })

/** In few words why something did not work. Node puts what failed for each address of a name into `errors`. */
export function reasonOf(cause: unknown): string {
  const { message, code, errors } = cause as Error & { code?: string; errors?: Error[] }
  return message || errors?.[0]?.message || code || String(cause)
}
