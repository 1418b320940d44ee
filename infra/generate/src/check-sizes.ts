import { readdirSync, readFileSync, statSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../../../", import.meta.url))
const SOURCE_LIMIT = 300
const TEST_LIMIT = 400
const ROOT_SCRIPTS_LIMIT = 30
const IGNORED = new Set(["node_modules", "dist", "dist-test", "assets", ".git", ".gatepost"])

/** House rules that a linter does not know: how long files may grow, and how many commands there are. */
const faults = [
  ...sources(root).flatMap((file) => {
    const limit = file.includes(`${path.sep}test${path.sep}`) ? TEST_LIMIT : SOURCE_LIMIT
    const lines = readFileSync(file, "utf8").split("\n").length - 1
    return lines > limit ? [`${path.relative(root, file)} has ${lines} lines; at most ${limit}`] : []
  }),
  ...scriptFaults(),
]
for (const fault of faults) process.stderr.write(`${fault}\n`)
process.exit(faults.length > 0 ? 1 : 0)

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const file = path.join(folder, name)
    if (IGNORED.has(name)) return []
    if (statSync(file).isDirectory()) return sources(file)
    return /\.(ts|mjs|sql)$/.test(name) && name !== "schema.sql" ? [file] : []
  })
}

function scriptFaults(): string[] {
  const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as { scripts: object }
  const count = Object.keys(manifest.scripts).length
  return count > ROOT_SCRIPTS_LIMIT
    ? [`package.json has ${count} scripts; at most ${ROOT_SCRIPTS_LIMIT}`]
    : []
}
