import path from "node:path"
import type { Terminal } from "./terminal.js"

export interface GreetingFacts {
  publicUrl: string
  inboxUrl: string | undefined
  adminUrl: string | undefined
  database: string
  /** Names of the services whose calls are below `/<name>`. */
  examples: readonly string[]
  dataDir: string
  /** Undefined when it was given, and so is known. */
  serviceClientSecret: string | undefined
  startMs: number
}

type Row = [name: string, value: string, note?: string]

/** What a person wants to know when all runs, and the next thing to try. */
export function greet(terminal: Terminal, facts: GreetingFacts): void {
  const { bold, dim } = terminal
  const inbox: Row[] = facts.inboxUrl ? [["Dev inbox", facts.inboxUrl, "every mail ends there"]] : []
  const rows: Row[] = [
    ["API", facts.publicUrl, `docs at ${facts.publicUrl}/docs`],
    ...inbox,
    ...(facts.adminUrl ? [["Admin API", facts.adminUrl, `docs at ${facts.adminUrl}/docs`] as Row] : []),
    ...facts.examples.map(
      (name): Row => ["Example", name, `its calls at ${facts.publicUrl}/${name}/openapi.json`],
    ),
    ["Database", facts.database],
    ["Data folder", relative(facts.dataDir), "secrets, mails, logs"],
    ["Service client", "backend", facts.serviceClientSecret ?? "secret as in SERVICE_CLIENT_SECRET"],
  ]
  const wide = Math.max(...rows.map(([name]) => name.length)) + 2
  const body = '{"email":"ada@example.com","password":"a fine long passphrase"}'

  terminal.line("")
  terminal.line(
    bold(`  Gatepost is ready`) + dim(`  ${(facts.startMs / 1000).toFixed(1)} s, Ctrl-C stops it`),
  )
  terminal.line("")
  for (const [name, value, note] of rows)
    terminal.line(`  ${dim(name.padEnd(wide))}${value}${note ? dim(`   ${note}`) : ""}`)
  terminal.line("")
  terminal.line(
    `  ${dim("Try")}  curl ${facts.publicUrl}/v1/auth/register -H 'Content-Type: application/json' \\`,
  )
  terminal.line(`         -d '${body}'`)
  terminal.line("")
}

function relative(location: string): string {
  const fromHere = path.relative(process.cwd(), location)
  return fromHere.startsWith("..") || path.isAbsolute(fromHere) ? location : `./${fromHere}`
}
