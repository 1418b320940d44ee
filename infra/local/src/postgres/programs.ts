import { spawn } from "node:child_process"
import path from "node:path"
import { StartError } from "../start-error.js"
import type { DatabaseUser } from "./run-as.js"

// Nothing else of our environment: PGDATA, PGPORT and their kin would change what the programs do.
const KEPT = ["PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP"]
const STDERR_LIMIT = 4_000

/**
 * Runs one of PostgreSQL's programs to its end, as the database's user.
 *
 * @throws with what it wrote to standard error
 */
export function runProgram(file: string, args: string[], user: DatabaseUser): Promise<void> {
  const kept = Object.fromEntries(
    KEPT.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  )
  const child = spawn(file, args, {
    ...user,
    cwd: path.parse(file).root,
    // Ctrl-C is for us to handle: half a start is harder to clean up than a whole one.
    detached: process.platform !== "win32",
    env: { ...kept, LC_ALL: "C", TZ: "UTC" },
    stdio: ["ignore", "ignore", "pipe"],
    windowsHide: true,
  })
  let stderr = ""
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-STDERR_LIMIT)
  })

  return new Promise((resolve, reject) => {
    child.once("error", (cause) => reject(cannotRun(file, cause)))
    // Not "close": the server that pg_ctl leaves running may keep the pipe open.
    child.once("exit", (code, signal) => {
      child.stderr.destroy()
      if (code === 0) resolve()
      else reject(new StartError(`${path.basename(file)} failed (${signal ?? code}): ${stderr.trim()}`))
    })
  })
}

function cannotRun(file: string, cause: NodeJS.ErrnoException): Error {
  // The file is there, so it is its loader that is not: a musl system such as Alpine.
  if (cause.code === "ENOENT")
    return new StartError(
      `The built-in PostgreSQL needs glibc, which this system has not: set DATABASE_URL`,
      {
        cause,
      },
    )
  return new StartError(`${file} can't be run: ${cause.message}`, { cause })
}
