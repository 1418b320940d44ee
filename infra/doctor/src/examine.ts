import { setTimeout as sleep } from "node:timers/promises"
import { clock } from "./checks/clock.js"
import { connections } from "./checks/connections.js"
import { database } from "./checks/database.js"
import { disk } from "./checks/disk.js"
import { dns } from "./checks/dns.js"
import { jwks } from "./checks/jwks.js"
import { migrations } from "./checks/migrations.js"
import { redis } from "./checks/redis.js"
import { secrets } from "./checks/secrets.js"
import { settings } from "./checks/settings.js"
import { signingKeys } from "./checks/signing-keys.js"
import { smtp } from "./checks/smtp.js"
import { tls } from "./checks/tls.js"
import type { Check, Patient } from "./patient.js"
import { fail, reasonOf, type Verdict } from "./verdict.js"

/** One line of the answer. */
export type Line = Verdict & { check: string }

const CHECKS: readonly Check[] = [
  settings,
  secrets,
  database,
  clock,
  migrations,
  connections,
  redis,
  signingKeys,
  jwks,
  tls,
  smtp,
  dns,
  disk,
]
const LIMIT_MS = 20_000

/** Asks everything at once, and answers in a fixed order. It changes nothing, and sends no mail. */
export async function examine(patient: Patient): Promise<Line[]> {
  return (await Promise.all(CHECKS.map((check) => lines(check, patient)))).flat()
}

async function lines({ name, run }: Check, patient: Patient): Promise<Line[]> {
  const limit = sleep(LIMIT_MS, fail(`no answer in ${LIMIT_MS / 1000} s`, "see what hangs"), { ref: false })
  const outcome = await Promise.race([run(patient), limit]).catch((cause: unknown) =>
    fail(reasonOf(cause), "see the checks above this one first"),
  )
  if (!Array.isArray(outcome)) return [{ check: name, ...outcome }]
  return outcome.map(({ of, verdict }) => ({ check: `${name} ${of}`.trim(), ...verdict }))
}
