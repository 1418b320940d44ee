// `npm run keys`: shows the signing keys, rotates and revokes them. docs/operations/keys.md says when to.
import { openDatabase } from "@gatepost/postgres"
import { createSealer } from "@gatepost/runtime"
import { findEnvironment, Refusal, runCommand } from "./command.js"
import { encryptionOf, keyPolicyOf, readKeysConfig } from "./config.js"
import { type Resealed, resealAll } from "./modules/sealed-values/index.js"
import {
  createKeyRotation,
  type KeyRotation,
  keyTable,
  SIGNING_KEYS_SEALED,
} from "./modules/signing-keys/index.js"
import { sealedColumns } from "./sealed-columns.js"

/** What was done, in words. */
type Order = (rotation: KeyRotation, reseal: () => Promise<Resealed[]>) => Promise<string>

const USAGE = `usage: npm run keys -- list
                       rotate         publish the next key; it signs after KEY_PUBLISH_SECONDS
                       rotate --now   have the next key sign at once
                       revoke <kid>   withdraw a key that is in wrong hands
                       reencrypt      seal with KEY_ENCRYPTION_SECRET what KEY_ENCRYPTION_SECRET_PREVIOUS sealed

  DATABASE_URL, KEY_ENCRYPTION_SECRET   of the auth service; beside a running \`npm start\` they are found
`
const order = readOrder(process.argv.slice(2))
if (order) await runCommand("`list` tells whether anything was done.", () => obey(order))
else {
  process.stderr.write(USAGE)
  process.exitCode = 2
}

function readOrder([verb, argument, ...others]: string[]): Order | undefined {
  if (others.length > 0) return undefined
  if (verb === "list" && !argument) return async () => ""
  if (verb === "rotate" && !argument) return (rotation) => rotate(rotation, false)
  if (verb === "rotate" && argument === "--now") return (rotation) => rotate(rotation, true)
  if (verb === "reencrypt" && !argument) return (_rotation, reseal) => reencrypt(reseal)
  if (verb === "revoke" && argument) return (rotation) => revoke(rotation, argument)
  return undefined
}

async function obey(order: Order): Promise<void> {
  const env = await findEnvironment(process.env, ["DATABASE_URL", "KEY_ENCRYPTION_SECRET"])
  const config = readKeysConfig(env)
  const database = openDatabase({
    url: config.DATABASE_URL,
    applicationName: "gatepost keys",
    poolSize: 1,
    prepared: config.DB_PREPARED,
  })
  const secrets = encryptionOf(config)
  const sealer = createSealer(secrets.encryptionSecret, SIGNING_KEYS_SEALED.purpose, secrets.previousSecrets)
  const rotation = createKeyRotation({ database, sealer, policy: keyPolicyOf(config) })
  try {
    const done = await order(rotation, () => resealAll(database, sealedColumns, secrets))
    process.stdout.write(`${done && `${done}\n\n`}${keyTable(await rotation.list())}\n`)
  } finally {
    await database.close()
  }
}

async function rotate(rotation: KeyRotation, immediately: boolean): Promise<string> {
  const outcome = await rotation.rotate({ immediately, trigger: "command" })
  switch (outcome.kind) {
    case "published":
      return `Key ${outcome.kid} is published, and signs from ${outcome.activatesAt.toISOString()}.`
    case "activated":
      return (
        `Key ${outcome.kid} signs from now on. A verifier that does not know it yet refuses its tokens until\n` +
        "it may fetch the keys again: 30 seconds after its last fetch, or as it is set."
      )
    case "waiting":
      return (
        `Key ${outcome.kid} is published already, and signs from ${outcome.activatesAt.toISOString()}: ` +
        "nothing was done.\nWith --now it signs at once."
      )
    case "overtaken":
      return "Somebody else rotated the keys in the same moment: nothing was done."
    case "too-many":
      throw new Refusal(
        `There are ${outcome.limit} published keys, and no room for more until one has retired.`,
      )
  }
}

async function reencrypt(reseal: () => Promise<Resealed[]>): Promise<string> {
  const results = await reseal()
  const lost = results.flatMap(({ table, column, lost }) => lost.map((id) => `${table}.${column} of ${id}`))
  const words = results.map(({ table, column, renewed }) => `${table}.${column}: ${renewed} sealed anew`)
  if (lost.length === 0) return words.join("\n")
  throw new Refusal(
    [...words, "No secret that was given opens these, and they are as they were:", ...lost].join("\n"),
  )
}

async function revoke(rotation: KeyRotation, kid: string): Promise<string> {
  const outcome = await rotation.revoke(kid)
  if (outcome.kind === "unknown") throw new Refusal(`There is no published key ${kid}: nothing was done.`)
  const { successor } = outcome
  return (
    `Key ${kid} is withdrawn${successor ? `, and ${successor} signs from now on` : ""}.\n` +
    "The auth service refuses its tokens within seconds; other verifiers when they fetch the keys again, which\n" +
    "is within 330 seconds for ours. Clients refresh, and nobody is signed out."
  )
}
