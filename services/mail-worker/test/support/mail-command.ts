import { spawn } from "node:child_process"
import { once } from "node:events"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"

const COMMAND = fileURLToPath(import.meta.resolve("#src/mail.js"))

/** Runs `npm run mail -- …` as an operator does. */
export async function runMail(databaseUrl: string, args: string[]) {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    env: { DATABASE_URL: databaseUrl },
    stdio: ["ignore", "pipe", "pipe"],
  })
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ])
  return { code: code as number, output, errors }
}
