import { type ChildProcess, spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { until } from "./until.js"

/** A supervisor in a process of its own, with stand-ins for the services. */
export interface RunningGatepost {
  pid: number
  /** What it has printed so far. */
  output(): string
  ended: Promise<number | null>
  signal(name: NodeJS.Signals): void
  url(): string
  get(path: string): Promise<Response>
  /** What a stand-in says it got. */
  ask(path: string): Promise<Echo>
}

export interface Echo {
  name: string
  pid: number
  method: string
  url: string
  headers: Record<string, string>
  body: string
  env: Record<string, string>
}

const MAIN = fileURLToPath(new URL("../fixtures/main.js", import.meta.url))

/** Launches a supervisor; without SMTP_URL in `env` it runs the dev inbox too. */
export function launch(env: Record<string, string>): RunningGatepost {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH, PORT: "0", INBOX_PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  })
  return watch(child)
}

/** Launches a supervisor and waits until it is ready. */
export async function start(env: Record<string, string>): Promise<RunningGatepost> {
  const gatepost = launch(env)
  let ended = false
  void gatepost.ended.then(() => {
    ended = true
  })
  await until(() => ended || gatepost.output().includes("curl"))
  if (ended) throw new Error(`it did not start: ${gatepost.output()}`)
  return gatepost
}

/** Stops a supervisor, if there is one, as Ctrl-C does. */
export async function stop(gatepost: RunningGatepost | undefined): Promise<number | null | undefined> {
  gatepost?.signal("SIGINT")
  return gatepost?.ended
}

function watch(child: ChildProcess): RunningGatepost {
  let output = ""
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text
    })
  const url = () => /API +(http:\S+)/.exec(output)?.[1] ?? ""
  const get = (path: string) => fetch(url() + path)
  return {
    pid: child.pid ?? 0,
    output: () => output,
    ended: new Promise((resolve) => child.once("close", resolve)),
    signal: (name) => void child.kill(name),
    url,
    get,
    ask: async (path) => (await (await get(path)).json()) as Echo,
  }
}
