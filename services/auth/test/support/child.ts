import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

/** The service as operators run it: a process of its own, known by its port, output and exit code. */
export interface ServiceChild {
  url: string
  child: ChildProcess
  /** Everything it has written so far, to both outputs. */
  output(): string
  /** Resolves with the exit code. */
  exited: Promise<number | null>
}

const MAIN = fileURLToPath(import.meta.resolve("#src/main.js"))
const READY = /"port":(\d+),"msg":"ready"/

function launch(env: Record<string, string>, script = MAIN) {
  const child = spawn(process.execPath, [script], { env, stdio: ["ignore", "pipe", "pipe"] })
  const chunks: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => void chunks.push(chunk))
  }
  const exited = once(child, "close").then(([code]) => code as number | null)
  return { child, exited, output: () => chunks.join("") }
}

/** Starts it, or another service, and waits until it says that it is ready. Needs a LOG_LEVEL of info or more. */
export async function startChild(env: Record<string, string>, script = MAIN): Promise<ServiceChild> {
  const launched = launch(env, script)
  const ready = new Promise<string>((resolve) => {
    launched.child.stdout.on("data", () => {
      const port = READY.exec(launched.output())?.[1]
      if (port) resolve(port)
    })
  })
  const port = await Promise.race([ready, launched.exited.then(() => undefined)])
  if (!port) throw new Error(`it ended before it was ready: ${launched.output()}`)
  return { ...launched, url: `http://127.0.0.1:${port}` }
}

/** Runs it to its end, for starts that must fail. */
export async function runChild(
  env: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  const { exited, output } = launch(env)
  return { code: await exited, output: output() }
}
