import { spawnSync } from "node:child_process"
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { connect } from "node:net"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { freePort } from "@gatepost/local"
import { type ChildServer, needs, pendingUnlessCi, serverFolder, startServer } from "./child-server.js"

const MISSING = "OpenSMTPD is not installed (Debian: apt-get install opensmtpd): its tests are pending"
const NOT_ROOT = "OpenSMTPD can only be run by root: its tests are pending"
const READY_MS = 30_000

export interface OpenSmtpd {
  url: string
  /** Mails in the box of a local part, in no order. */
  box(user: string): string[]
  stop(): Promise<void>
  /** On the same port, with the same boxes. */
  start(): Promise<void>
  close(): Promise<void>
}

/**
 * Debian's OpenSMTPD with a configuration of its own: a mail server that is not ours, nor of our libraries'
 * authors. Takes mail for `example.com` of up to 64 KB, and refuses the rest.
 */
export async function openSmtpd(test: { skip(): void }): Promise<OpenSmtpd> {
  needs(test, "smtpd", ["-h"], MISSING)
  if (process.getuid?.() !== 0) pendingUnlessCi(test, NOT_ROOT)

  const folder = serverFolder("opensmtpd")
  const boxes = path.join(folder, "boxes")
  const port = await freePort()
  mkdirSync(boxes)
  const nobody = Number(spawnSync("id", ["-u", "nobody"], { encoding: "utf8" }).stdout)
  chownSync(boxes, nobody, -1)
  chmodSync(folder, 0o755)
  const file = path.join(folder, "smtpd.conf")
  writeFileSync(file, configuration(port, boxes))
  let server = await start(file, port)

  return {
    url: `smtp://127.0.0.1:${port}`,
    box: (user) => ["new", "cur"].flatMap((part) => mailsIn(path.join(boxes, user, part))),
    stop: () => server.stop(),
    async start() {
      server = await start(file, port)
    },
    async close() {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const configuration = (port: number, boxes: string) => `
smtp max-message-size 64K
listen on 127.0.0.1 port ${port}
action "box" maildir "${boxes}/%{dest.user}" virtual { "@" = nobody }
match from local for domain "example.com" action "box"
`

/** Only one can run on a machine, whatever its configuration: another test run's is waited for. */
async function start(file: string, port: number): Promise<ChildServer> {
  const deadline = Date.now() + READY_MS
  let server = startServer("smtpd", ["-d", "-f", file])
  while (!(await answers(port))) {
    if (Date.now() > deadline) throw new Error("OpenSMTPD did not start")
    if (!server.running()) server = startServer("smtpd", ["-d", "-f", file])
    await sleep(100)
  }
  return server
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1")
    const settle = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once("data", () => settle(true)).once("error", () => settle(false))
  })
}

function mailsIn(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => readFileSync(path.join(folder, name), "utf8"))
  } catch {
    return []
  }
}
