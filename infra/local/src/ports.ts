import { randomInt } from "node:crypto"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { StartError } from "./start-error.js"

const POLL_MS = 50
const ATTEMPTS = 20
// Below those that systems give to connections of their own, one of which may come before whoever is to listen. Two
// processes begin far from each other, and one gives none twice.
const FIRST_PORT = 10_000
const LAST_PORT = 32_000
let lastGiven = randomInt(FIRST_PORT, LAST_PORT)

/** A free port of 127.0.0.1 for a program that can't choose one itself. */
export const freePort = (): Promise<number> => freePortOr(nextPort())

/** The wanted port of 127.0.0.1 if it is free, else any. */
export async function freePortOr(wanted: number): Promise<number> {
  for (let port = wanted, attempt = 1; ; port = nextPort(), attempt++) {
    try {
      return await probe(port)
    } catch (cause) {
      if (attempt === ATTEMPTS) throw cause
    }
  }
}

function nextPort(): number {
  lastGiven = lastGiven === LAST_PORT ? FIRST_PORT : lastGiven + 1
  return lastGiven
}

/** A port of 127.0.0.1 that is the same at every start, as long as nobody else has it: `file` keeps it. */
export async function keptPort(file: string): Promise<number> {
  const kept = existsSync(file) ? Number(readFileSync(file, "utf8")) : 0
  const isPort = Number.isInteger(kept) && kept > 0 && kept < 65_536
  const port = await (isPort ? freePortOr(kept) : freePort())
  if (!isPort) writeFileSync(file, `${port}\n`)
  return port
}

/**
 * @param patienceMs how long to wait for it to become free
 * @throws StartError naming the setting when the port is taken
 */
export async function assertFree(setting: string, port: number, patienceMs: number): Promise<void> {
  for (const deadline = Date.now() + patienceMs; ; await sleep(POLL_MS)) {
    try {
      await probe(port)
      return
    } catch (cause) {
      if (Date.now() < deadline) continue
      const taken = (cause as NodeJS.ErrnoException).code === "EADDRINUSE"
      const fault = taken ? "is in use by another program" : "can't be used"
      throw new StartError(`${setting} ${port} ${fault}: set ${setting} to a free port`, { cause })
    }
  }
}

function probe(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once("error", reject)
    server.listen(port, "127.0.0.1", () => {
      const { port: bound } = server.address() as { port: number }
      server.close(() => resolve(bound))
    })
  })
}
