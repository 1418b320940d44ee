// `npm run users`: brings people in from elsewhere, and takes them along. docs/operations/import-users.md says how.
import { createWriteStream, existsSync } from "node:fs"
import { rename } from "node:fs/promises"
import path from "node:path"
import { pipeline } from "node:stream/promises"
import { parseArgs } from "node:util"
import { type Database, openDatabase } from "@gatepost/postgres"
import { findEnvironment, Refusal, runCommand } from "./command.js"
import { readUsersConfig } from "./config.js"
import {
  createAccountExport,
  createAccountImport,
  createProgressLine,
  grouped,
  openRejects,
  openSource,
} from "./modules/account-transfer/index.js"

type Order = (database: Database) => Promise<void>

const USAGE = `usage: npm run users -- import <file.ndjson|file.csv> [--dry-run]
                        export [<file.ndjson>] [--with-password-hashes]   without a file, to standard output

  DATABASE_URL   of the auth service; beside a running \`npm start\` it is found

exits with 0 when all is done, 1 when it could not be, 3 when lines of the file were refused
`
const SOME_REFUSED = 3
const INTERRUPTED = 130

const order = readOrder(process.argv.slice(2))
if (order) await runCommand("run this again, and it goes on.", () => obey(order))
else {
  process.stderr.write(USAGE)
  process.exitCode = 2
}

function readOrder(args: string[]): Order | undefined {
  const options = { "dry-run": { type: "boolean" }, "with-password-hashes": { type: "boolean" } } as const
  try {
    const { positionals, values } = parseArgs({ args, options, allowPositionals: true })
    const { "dry-run": isDryRun = false, "with-password-hashes": withPasswordHashes = false } = values
    const [verb, file, ...others] = positionals
    if (others.length > 0) return undefined
    if (verb === "import" && file && !withPasswordHashes)
      return (database) => importFrom(database, file, isDryRun)
    if (verb === "export" && !isDryRun) return (database) => exportTo(database, file, withPasswordHashes)
  } catch {
    // An option that there is not.
  }
  return undefined
}

async function obey(order: Order): Promise<void> {
  const config = readUsersConfig(await findEnvironment(process.env, ["DATABASE_URL"]))
  const database = openDatabase({
    url: config.DATABASE_URL,
    applicationName: "gatepost users",
    poolSize: 1,
    prepared: config.DB_PREPARED,
  })
  try {
    await order(database)
  } finally {
    await database.close()
  }
}

async function importFrom(database: Database, file: string, isDryRun: boolean): Promise<void> {
  const source = await openSource(file)
  const rejects = await openRejects(file)
  const progress = createProgressLine(process.stderr)
  const total = { lines: 0, added: 0, here: 0, rejected: 0 }
  let ignored: ReadonlySet<string> = new Set()
  let isInterrupted = false
  process.once("SIGINT", () => {
    isInterrupted = true
  })

  const options = { file: path.basename(file), isDryRun }
  try {
    for await (const done of createAccountImport({ database }).run(source.lines, options)) {
      await rejects.add(done.rejected)
      total.lines = done.line
      total.added += done.added
      total.here += done.here
      total.rejected += done.rejected.length
      ignored = done.ignored
      progress.show(total.lines, source.share())
      if (isInterrupted) break
    }
  } finally {
    progress.clear()
    await rejects.close()
  }

  const words = [
    `${grouped(total.added)} people ${isDryRun ? "would be added" : "added"}`,
    `${grouped(total.here)} ${isDryRun ? "are" : "were"} here already`,
    `${grouped(total.rejected)} lines refused${total.rejected > 0 ? `, see ${rejects.file}` : ""}`,
  ]
  process.stdout.write(`${isDryRun ? "Nothing was changed. " : ""}${words.join("; ")}.\n`)
  if (ignored.size > 0) process.stdout.write(`Without a meaning here: ${[...ignored].join(", ")}.\n`)
  if (total.rejected > 0) process.exitCode = SOME_REFUSED
  if (isInterrupted) {
    process.stdout.write(`Interrupted after line ${total.lines}: run this again, and it goes on.\n`)
    process.exitCode = INTERRUPTED
  }
}

async function exportTo(database: Database, file: string | undefined, withPasswordHashes: boolean) {
  if (file && existsSync(file)) throw new Refusal(`${file} exists already`)
  const progress = createProgressLine(process.stderr)
  let people = 0
  async function* texts() {
    for await (const page of createAccountExport({ database }).run({ withPasswordHashes })) {
      people += page.people
      progress.show(people)
      yield page.text
    }
  }

  // Complete, or not there under its name.
  const partial = `${file}.partial`
  try {
    await pipeline(texts, file ? createWriteStream(partial, { mode: 0o600 }) : process.stdout)
  } catch (cause) {
    const { code, message, syscall } = cause as NodeJS.ErrnoException
    if (code === "EPIPE") throw new Refusal("Whoever read the export is gone.")
    const isOfFile = syscall === "open" || syscall === "write"
    throw isOfFile ? new Refusal(`The export can't be written: ${message}`) : cause
  } finally {
    progress.clear()
  }
  if (file) await rename(partial, file)
  process.stderr.write(`${grouped(people)} people exported.\n`)
}
