import { newId } from "@gatepost/runtime"
import type { IncomingAccount } from "../accounts/index.js"
import type { KeptProfile } from "../profiles/index.js"
import { Person } from "./account-transfer.schemas.js"
import { createFirstLines } from "./first-lines.js"
import type { SourceLine } from "./source.types.js"

/** A line that can come in, as far as the file alone can tell. */
export interface Candidate {
  line: number
  account: IncomingAccount
  profiles: KeptProfile[]
}

export interface Rejection {
  line: number
  reason: string
}

export interface LineCheck {
  check(line: SourceLine): Candidate | Rejection
  /** Members that came in the file and mean nothing here, the first hundred names. */
  readonly ignored: ReadonlySet<string>
}

const MEMBERS = new Set(Object.keys(Person.shape))
const MAX_IGNORED = 100

/** Checks the lines of one file, each by itself and against those before it. */
export function createLineCheck(): LineCheck {
  const first = { email: createFirstLines(), external_id: createFirstLines(), id: createFirstLines() }
  const ignored = new Set<string>()

  return {
    ignored,
    check(source) {
      const { line } = source
      if ("fault" in source) return { line, reason: source.fault }
      const members = presentMembers(source.record)
      if (!members) return { line, reason: "is no JSON object" }
      for (const name of Object.keys(members))
        if (!MEMBERS.has(name) && ignored.size < MAX_IGNORED) ignored.add(name)

      const result = Person.safeParse(members)
      if (!result.success) {
        const faults = result.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`)
        return { line, reason: faults.join("; ") }
      }
      const repeated = repeatedIn(result.data, line)
      if (repeated) return { line, reason: repeated }
      const account = toAccount(result.data)
      return { line, account, profiles: toProfiles(result.data, account.id) }
    },
  }

  function repeatedIn(person: Person, line: number): string | undefined {
    for (const member of ["email", "external_id", "id"] as const) {
      const value = person[member]
      const earlier = value === undefined ? undefined : first[member].earlier(value, line)
      if (earlier !== undefined) return `${member} is that of line ${earlier}`
    }
    return undefined
  }
}

function presentMembers(record: unknown): Record<string, unknown> | undefined {
  if (typeof record !== "object" || record === null || Array.isArray(record)) return undefined
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null && value !== ""))
}

const toAccount = (person: Person): IncomingAccount => ({
  id: person.id ?? newId(person.created_at === undefined ? undefined : new Date(person.created_at)),
  hasOwnId: person.id !== undefined,
  email: person.email,
  name: person.name,
  locale: person.locale,
  passwordHash: person.password_hash,
  emailVerified: person.email_verified,
  isActive: person.is_active,
  createdAt: person.created_at,
  externalId: person.external_id,
})

const toProfiles = ({ profiles = {} }: Person, accountId: string): KeptProfile[] =>
  Object.entries(profiles).map(([clientId, members]) => ({ accountId, clientId, members }))
