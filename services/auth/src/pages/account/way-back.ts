import type { Request } from "express"

/** The pages of the account, by what stands behind `/account/`. */
export const SECTIONS = [
  "profile",
  "email",
  "password",
  "factors",
  "providers",
  "sessions",
  "activity",
  "data",
  "delete",
] as const

export type SectionName = (typeof SECTIONS)[number]

export const HOME = "/account"

export const pathOf = (section: SectionName): string => `${HOME}/${section}`

const PLACES: ReadonlySet<unknown> = new Set([HOME, ...SECTIONS.map(pathOf)])

/** Where a sign-in goes on that a page asked for: one of these pages, and never elsewhere. */
export function wayBack(req: Request): string {
  const asked = [req.body?.back, req.query.back].find((place) => PLACES.has(place))
  return typeof asked === "string" ? asked : HOME
}
