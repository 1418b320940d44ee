import { spawn } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs"
import path from "node:path"
import { tailOf } from "../processes/end-process.js"
import { cleanEnvironment } from "../processes/environment.js"

const QUIET = ["--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]

/**
 * Installs packages of exact versions into a folder, unless they are there. They never enter our own
 * package.json or lock.
 *
 * @param packages such as `better-auth@1.7.7`
 * @param options.scripts runs the packages' own install scripts; off by default
 * @throws with the end of what npm said
 */
export async function installPackages(
  folder: string,
  packages: string[],
  { scripts = false } = {},
): Promise<void> {
  await onceIn(folder, `install ${packages.join(" ")}`, async () => {
    writeFileSync(path.join(folder, "package.json"), '{ "private": true }\n')
    const scriptFlag = scripts ? [] : ["--ignore-scripts"]
    await npm(folder, ["install", ...QUIET, ...scriptFlag, ...packages])
  })
}

/**
 * Builds the native part of a package for another Node, against the headers that come with it.
 *
 * @param nodeFolder where the npm package `node` is installed
 */
export async function rebuildPackage(folder: string, name: string, nodeFolder: string): Promise<void> {
  await onceIn(folder, `rebuild ${name}`, async () => {
    const node = path.join(nodeFolder, "node_modules/node")
    const headers = path.join(node, `node_modules/node-${process.platform}-${process.arch}`)
    const search = [path.join(node, "bin"), cleanEnvironment().PATH ?? ""].join(path.delimiter)
    const env = { PATH: search, ...(existsSync(headers) && { npm_config_nodedir: realpathSync(headers) }) }
    await npm(folder, ["rebuild", ...QUIET, name], env)
  })
}

/** Does a step unless a file beside its result says that it was done. */
async function onceIn(folder: string, step: string, work: () => Promise<void>): Promise<void> {
  const stamps = path.join(folder, ".done")
  const done = existsSync(stamps) ? readFileSync(stamps, "utf8").split("\n") : []
  if (done.includes(step)) return
  mkdirSync(folder, { recursive: true })
  await work()
  writeFileSync(stamps, [...done, step].join("\n"))
}

async function npm(folder: string, args: string[], env: Record<string, string> = {}): Promise<void> {
  const child = spawn("npm", args, {
    cwd: folder,
    env: { ...cleanEnvironment(), ...env },
    stdio: ["ignore", "ignore", "pipe"],
    shell: process.platform === "win32",
  })
  const tail = tailOf(child)
  const code = await new Promise((resolve, reject) => child.once("close", resolve).once("error", reject))
  if (code !== 0) throw new Error(`npm ${args.join(" ")} failed:\n${tail()}`)
}
