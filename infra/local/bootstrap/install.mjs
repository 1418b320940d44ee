import { createHash } from "node:crypto"
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { homedir } from "node:os"
import path from "node:path"
import { runWithProgress } from "./run.mjs"

const STAMP = path.join("node_modules", ".gatepost-installed")
// npm's own record of what stands in node_modules, written at the end of an install.
const NPM_RECORD = path.join("node_modules", ".package-lock.json")

export function isInstalled() {
  const wanted = fingerprint()
  if (existsSync(STAMP)) return readFileSync(STAMP, "utf8") === wanted
  return standsInNodeModules()
}

export async function install(lock) {
  const first = !existsSync("node_modules")
  for (const record of [STAMP, NPM_RECORD]) rmSync(record, { force: true })
  await runWithProgress(
    `Installing packages (${first ? "first time only" : "they have changed"}) …`,
    // Dev and optional packages are needed to build and to run, whatever NODE_ENV or .npmrc leave out.
    // Install scripts are not: ours work without, and npm is about to block them.
    [...npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--include=dev", "--include=optional"],
    { env: npmEnvironment(), lock },
  )
  writeFileSync(STAMP, fingerprint())
}

function fingerprint() {
  return createHash("sha256")
    .update(readFileSync("package-lock.json"))
    .update([process.version, process.platform, process.arch].join())
    .digest("hex")
}

/** Whether somebody's own `npm install` has left exactly what the lock file asks for. */
function standsInNodeModules() {
  if (!existsSync(NPM_RECORD)) return false
  const wanted = JSON.parse(readFileSync("package-lock.json", "utf8")).packages
  const present = JSON.parse(readFileSync(NPM_RECORD, "utf8")).packages
  return Object.entries(wanted)
    .filter(([location, entry]) => location.includes("node_modules/") && isForThisPlatform(entry))
    .every(([location, entry]) => {
      const found = present[location]
      return found?.version === entry.version && found?.integrity === entry.integrity
    })
}

function isForThisPlatform({ os = [process.platform], cpu = [process.arch], libc }) {
  return os.includes(process.platform) && cpu.includes(process.arch) && libc === undefined
}

/** The npm that runs us, or the one on the path. */
function npm() {
  const running = process.env.npm_execpath
  if (running && /^npm(-cli)?\.c?js$/.test(path.basename(running))) return [process.execPath, running]
  return [process.platform === "win32" ? "npm.cmd" : "npm"]
}

function npmEnvironment() {
  const env = { ...process.env, npm_config_loglevel: "error", npm_config_update_notifier: "false" }
  // Meant for the command that the caller runs, not for this install.
  for (const name of ["workspace", "workspaces", "global", "dry_run", "omit"])
    delete env[`npm_config_${name}`]
  if (!env.HOME) delete env.HOME
  if (!isWritable(env.npm_config_cache ?? path.join(homedir(), ".npm")))
    env.npm_config_cache = path.resolve(".gatepost", "npm-cache")
  return env
}

function isWritable(directory) {
  if (!path.isAbsolute(directory)) return false
  try {
    mkdirSync(directory, { recursive: true })
    accessSync(directory, constants.W_OK)
    return true
  } catch {
    return false
  }
}
