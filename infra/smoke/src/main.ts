import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import { parseArgs } from "node:util"
import { createApi } from "./api.js"
import { journeySteps } from "./journey.js"

const USAGE = `usage: npm run smoke -- <base url> [--inbox <url of a dev inbox>]

  --inbox                 where the mails of a local start are read: http://localhost:$INBOX_PORT by itself
  SERVICE_CLIENT_SECRET   secret of the client \`backend\`; on a local start it is found by itself
`
const ROOT = path.join(import.meta.dirname, "../../..")
// As `npm start` reads it: what stands in the environment wins.
if (existsSync(path.join(ROOT, ".env"))) process.loadEnvFile(path.join(ROOT, ".env"))
const LOCAL_INBOX = `http://localhost:${process.env.INBOX_PORT ?? 8025}`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { inbox: { type: "string" }, help: { type: "boolean" } },
})
const [baseUrl] = positionals
if (values.help || !baseUrl || !URL.canParse(baseUrl)) {
  process.stderr.write(USAGE)
  process.exit(2)
}
const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(new URL(baseUrl).hostname)
const steps = journeySteps({
  api: createApi(baseUrl),
  inboxUrl: values.inbox ?? (isLocal ? LOCAL_INBOX : undefined),
  hasSocialBattery: await answers("/social-battery/openapi.json"),
  serviceClientSecret: process.env.SERVICE_CLIENT_SECRET ?? (isLocal ? localSecret() : undefined),
})

for (const { name, skipped, run } of steps) {
  if (skipped) {
    report("-", name, `skipped: ${skipped}`)
    continue
  }
  const started = performance.now()
  try {
    await run()
    report("✔", name, `${(performance.now() - started).toFixed(0)} ms`)
  } catch (cause) {
    report("✖", name, cause instanceof Error ? cause.message : String(cause))
    process.exit(1)
  }
}

function report(sign: string, name: string, result: string): void {
  process.stdout.write(`  ${sign} ${name.padEnd(28)} ${result}\n`)
}

async function answers(path: string): Promise<boolean> {
  const response = await fetch(new URL(path, baseUrl)).catch(() => undefined)
  return response?.ok ?? false
}

function localSecret(): string | undefined {
  const folder = process.env.DATA_DIR ?? path.join(ROOT, ".gatepost")
  try {
    return readFileSync(path.join(folder, "secrets/SERVICE_CLIENT_SECRET"), "utf8").trim()
  } catch {
    return undefined
  }
}
