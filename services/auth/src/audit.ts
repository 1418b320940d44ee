// `npm run audit -- verify`: whether the audit events are as they were written. docs/operations/audit.md says more.
import { openDatabase } from "@gatepost/postgres"
import { findEnvironment, Refusal, runCommand } from "./command.js"
import { encryptionOf, readKeysConfig } from "./config.js"
import { auditKeyOf, verifyAuditChain } from "./modules/audit/index.js"

const USAGE = `usage: npm run audit -- verify [--anchor <number>:<hash>]

  --anchor   a seal that was written down earlier, as this command or the log of the service showed it

  DATABASE_URL, KEY_ENCRYPTION_SECRET, KEY_ENCRYPTION_SECRET_PREVIOUS   of the auth service; beside a running \`npm start\` they are found

exits with 0 when all is as it was written, 1 when it could not be looked at, 3 when something was changed
`
const CHANGED = 3
const ANCHOR = /^([1-9][0-9]{0,14}):([0-9a-f]{64})$/

const [verb, option, anchor, ...others] = process.argv.slice(2)
const [, number, hash] = ANCHOR.exec(anchor ?? "") ?? []
if (verb === "verify" && others.length === 0 && (option === undefined || (option === "--anchor" && hash)))
  await runCommand("nothing was looked at.", () =>
    verify(number && hash ? { number: Number(number), hash } : undefined),
  )
else {
  process.stderr.write(USAGE)
  process.exitCode = 2
}

async function verify(anchor: { number: number; hash: string } | undefined): Promise<void> {
  const env = await findEnvironment(process.env, ["DATABASE_URL", "KEY_ENCRYPTION_SECRET"])
  const config = readKeysConfig(env)
  const database = openDatabase({
    url: config.DATABASE_URL,
    applicationName: "gatepost audit",
    poolSize: 1,
    prepared: config.DB_PREPARED,
  })
  try {
    const { encryptionSecret, previousSecrets } = encryptionOf(config)
    const keys = [encryptionSecret, ...previousSecrets].map(auditKeyOf)
    const { faults, events, unsealed, head } = await verifyAuditChain(database, keys, anchor)
    for (const fault of faults) process.stdout.write(`${fault}\n`)
    const summary = `${events} events in ${head.number} seals; ${unsealed} not sealed yet.`
    if (faults.length > 0) {
      process.stdout.write(`${summary} Something was changed.\n`)
      process.exitCode = CHANGED
      return
    }
    const shown = head.number > 0 ? ` The newest seal is ${head.number}:${head.hash.toString("hex")}` : ""
    process.stdout.write(`${summary} All is as it was written.${shown}\n`)
  } catch (cause) {
    if ((cause as { code?: string }).code === "42P01")
      throw new Refusal("The database has no audit events yet.")
    throw cause
  } finally {
    await database.close()
  }
}
