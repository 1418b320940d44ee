import path from "node:path"
import { fileURLToPath } from "node:url"
import { waitForLock } from "../process-lock.mjs"
import { build, isBuilt } from "./build.mjs"
import { install, isInstalled } from "./install.mjs"
import { CommandFailed } from "./run.mjs"

/** Installs and builds what has changed since the last time; exits with 1 when that fails. */
export async function bootstrap(cloneUrl) {
  const clone = fileURLToPath(cloneUrl)
  process.chdir(clone)
  if (isInstalled() && isBuilt()) return

  try {
    const lock = await waitForLock(path.join(".gatepost", "bootstrap.lock"), {
      onWait: ({ pid }) => console.error(`Waiting for another install or build here (process ${pid}) …`),
    })
    if (!isInstalled()) await install(lock)
    if (!isBuilt()) await build(lock)
    lock.release()
  } catch (cause) {
    console.error(cause instanceof CommandFailed ? cause.message : cause)
    process.exit(1)
  }
}
