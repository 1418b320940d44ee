import type { Resolver } from "node:dns/promises"
import type { Variables } from "../../environment.js"

export interface Question {
  domain: string
  resolver: Resolver
  env: Variables
}

const NOTHING = ["ENODATA", "ENOTFOUND"]

/** What is there, or an empty list where there is nothing. @throws when no name server answers */
export async function found<Item>(answer: Promise<Item[]>): Promise<Item[]> {
  try {
    return await answer
  } catch (cause) {
    if (NOTHING.includes(String((cause as { code?: string }).code))) return []
    throw cause
  }
}

/** The TXT records of a name, each put together from its strings. */
export const texts = async (resolver: Resolver, name: string): Promise<string[]> =>
  (await found(resolver.resolveTxt(name))).map((strings) => strings.join(""))
