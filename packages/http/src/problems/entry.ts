export interface Entry {
  status: number
  title: string
  /** When it happens. */
  meaning: string
  /** What the caller can do about it. */
  remedy: string
}
