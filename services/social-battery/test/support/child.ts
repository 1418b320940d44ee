import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

const MAIN = fileURLToPath(import.meta.resolve("#src/main.js"))
const READY = /"port":(\d+),"msg":"ready"/

/** The service as operators run it: a process of its own. Needs a LOG_LEVEL of info or more to be ready. */
export function launch(env: Record<string, string>) {
  const child = spawn(process.execPath, [MAIN], { env, stdio: ["ignore", "pipe", "pipe", "ipc"] })
  let output = ""
  const ready = new Promise<string>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        output += text
        const port = READY.exec(output)?.[1]
        if (port) resolve(`http://127.0.0.1:${port}`)
      })
    }
  })
  const exited = once(child, "close").then(([code]) => code as number | null)
  /** Where it listens, once it does. */
  const url = Promise.race([
    ready,
    exited.then(() => Promise.reject(new Error(`it ended before it was ready: ${output}`))),
  ])
  url.catch(() => {})
  return { child, url, exited, output: () => output }
}
