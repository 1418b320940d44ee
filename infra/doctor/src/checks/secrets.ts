import { secretNames } from "@gatepost/local/settings"
import { setting } from "@gatepost/runtime"
import type { Variables } from "../environment.js"
import type { Check } from "../patient.js"
import { fail, ok, type Verdict, warn } from "../verdict.js"

// Without it there is no Web Push, and nothing else is missing.
const OPTIONAL = ["VAPID_PRIVATE_KEY"]
const FROM_A_BOOK = /change.?me|example|placeholder|secret|password|your.?own|dummy|0123456789|abcdefgh/i
const MAKE_ONE = "make one: openssl rand -base64 32"

/** Set, long enough, nobody else's, each its own. */
export const secrets: Check = {
  name: "secrets",
  async run({ env }) {
    const faults = secretNames.flatMap((name) => faultOf(name, env) ?? [])
    if (faults.length > 0) return fail(faults.join("; "), MAKE_ONE)
    const given = secretNames.flatMap((name) => env[name] ?? [])
    if (new Set(given).size < given.length) return sameTwice(env)
    return ok(`${given.length} of ${secretNames.length} set, none short, none an example`)
  },
}

function faultOf(name: string, env: Variables): string | undefined {
  const value = env[name]
  if (!value) return OPTIONAL.includes(name) ? undefined : `${name} is not set`
  const { error } = setting.secret().safeParse(value)
  if (error) return `${name} ${error.issues[0]?.message}`
  return FROM_A_BOOK.test(value) ? `${name} looks like an example` : undefined
}

function sameTwice(env: Variables): Verdict {
  const twice = secretNames.filter((name) => secretNames.some((other) => other !== name && same(other, name)))
  const judge = env.NODE_ENV === "production" ? fail : warn
  return judge(`${twice.join(" and ")} are the same`, MAKE_ONE)

  function same(one: string, other: string): boolean {
    return env[one] !== undefined && env[one] === env[other]
  }
}
