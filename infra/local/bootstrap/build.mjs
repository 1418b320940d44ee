import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import path from "node:path"
import { runWithProgress } from "./run.mjs"

const STAMP = path.join("node_modules", ".gatepost-built")
const FOLDERS = ["packages", "services", "infra"]
const NO_SOURCES = new Set(["node_modules", "dist", "dist-test"])

/** Whether no source has changed since the last build, and every project's output is still there. */
export function isBuilt() {
  if (!existsSync(STAMP)) return false
  const { fingerprint, outputs } = JSON.parse(readFileSync(STAMP, "utf8"))
  return fingerprint === fingerprintOf(listSources()) && outputs.every((file) => existsSync(file))
}

export async function build(lock) {
  rmSync(STAMP, { force: true })
  const sources = listSources()
  const fingerprint = fingerprintOf(sources)
  const projects = sources.filter((file) => path.basename(file) === "tsconfig.json").map(outputOf)
  for (const project of projects) removeOrphans(project)

  const typescript = JSON.parse(readFileSync("node_modules/typescript/package.json", "utf8"))
  const tsc = path.join("node_modules", "typescript", typescript.bin.tsc)
  await runWithProgress("Building …", [process.execPath, tsc, "-b"], { env: process.env, lock })

  const outputs = projects.map(({ buildInfo }) => buildInfo).filter((file) => existsSync(file))
  writeFileSync(STAMP, JSON.stringify({ fingerprint, outputs }))
}

function listSources() {
  const found = readdirSync(".").filter((name) => /^(package|tsconfig.*)\.json$/.test(name))
  const visit = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const file = path.join(folder, entry.name)
      if (entry.isDirectory()) {
        if (!NO_SOURCES.has(entry.name) && !entry.name.startsWith(".")) visit(file)
      } else if (/\.m?tsx?$|^tsconfig.*\.json$|^package\.json$/.test(entry.name)) found.push(file)
    }
  }
  for (const folder of FOLDERS) if (existsSync(folder)) visit(folder)
  return found.sort()
}

/** Time and size tell enough, and reading some hundred files would not be free. */
function fingerprintOf(files) {
  const hash = createHash("sha256").update(process.version)
  for (const file of files) {
    const { mtimeMs, size } = statSync(file)
    hash.update(`${file}:${mtimeMs}:${size}\n`)
  }
  return hash.digest("hex")
}

function outputOf(tsconfig) {
  const folder = path.dirname(tsconfig)
  const isTest = path.basename(folder) === "test"
  const output = isTest ? path.join(folder, "..", "dist-test") : path.join(folder, "dist")
  return {
    source: isTest ? folder : path.join(folder, "src"),
    output,
    buildInfo: path.join(output, ".tsbuildinfo"),
  }
}

/** Output of a source that is gone: the compiler leaves it, and mocha would go on running a removed test. */
function removeOrphans({ source, output }) {
  if (!existsSync(output)) return
  for (const entry of readdirSync(output, { recursive: true })) {
    if (!entry.endsWith(".d.ts")) continue
    const name = entry.slice(0, -".d.ts".length)
    if (existsSync(path.join(source, `${name}.ts`))) continue
    for (const ending of [".d.ts", ".d.ts.map", ".js", ".js.map"])
      rmSync(path.join(output, name + ending), { force: true })
  }
}
