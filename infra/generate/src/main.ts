import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { configurationPages } from "./configuration.js"
import { contractsPage } from "./contracts.js"
import { openApiPages } from "./openapi.js"
import type { Pages } from "./pages.js"
import { problemsPage } from "./problems.js"
import { schemaPages } from "./schemas.js"
import { securityStandardPage } from "./security/security-standard.js"

const root = fileURLToPath(new URL("../../../", import.meta.url))

const pages: Pages = {
  ...openApiPages(),
  ...configurationPages(),
  ...problemsPage(),
  ...contractsPage(),
  ...securityStandardPage(),
  ...(await schemaPages()),
}
const stale = Object.entries(pages).filter(([file, text]) => read(path.join(root, file)) !== text)

if (process.argv.includes("--check")) {
  for (const [file] of stale) process.stderr.write(`${file} is out of step: run npm run generate\n`)
  process.exitCode = stale.length > 0 ? 1 : 0
} else {
  for (const [file, text] of stale) write(file, text)
}

function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true })
  writeFileSync(path.join(root, file), text)
  process.stdout.write(`written: ${file}\n`)
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8")
  } catch {
    return undefined
  }
}
