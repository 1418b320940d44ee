import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"

/** Stands in front of a server, which can so be taken away and given back. */
export interface TcpProxy {
  /** The server's URL, by way of this proxy. */
  url: string
  /** How many chunks have come from clients so far: each statement is at least one. */
  chunks(): number
  /** Cuts every connection, and lets no new one through. */
  cut(): void
  /** Lets everything through again, also what was held. */
  restore(): void
  /** Cuts every connection, and lets new ones through at once. */
  reset(): void
  /** Holds what comes from the server after this many chunks more; resolves when there is some. */
  holdAnswers(after: number): Promise<void>
  /** From now on each chunk of the server's waits for so long. */
  delay(ms: number): void
  /** Every connection stays open, and nothing comes of it any more: no answer, no FIN, no reset. */
  swallow(): void
  close(): Promise<void>
}

/** @param target a server's URL; a function is asked for each new connection */
export async function startTcpProxy(target: string | (() => string)): Promise<TcpProxy> {
  const targetUrl = () => new URL(typeof target === "string" ? target : target())
  const sockets = new Set<Socket>()
  let isCut = false
  let isSwallowing = false
  let delayMs = 0
  let chunks = 0
  let answersLeft = Number.POSITIVE_INFINITY
  let onHeld = () => {}
  const held: (() => void)[] = []

  /** What a server says on one connection, on its way to the client; in order, also when the delay ends. */
  const createPassage = (client: Socket) => {
    let freeAt = 0
    const later = (work: () => void) => {
      const now = performance.now()
      freeAt = Math.max(freeAt, now + delayMs)
      if (freeAt <= now) work()
      else setTimeout(work, freeAt - now)
    }
    const pass = (chunk: Buffer) => {
      if (isSwallowing) return
      answersLeft -= 1
      if (answersLeft >= 0) return later(() => client.write(chunk))
      held.push(() => client.write(chunk))
      onHeld()
    }
    return { pass, later }
  }
  const track = (from: Socket, onClose: () => void) => {
    sockets.add(from)
    from.on("error", () => {})
    from.on("close", () => {
      sockets.delete(from)
      onClose()
    })
  }
  const server = createServer((client) => {
    if (isCut) return void client.destroy()
    if (isSwallowing) return void track(client.resume(), () => {})
    const { hostname, port } = targetUrl()
    const upstream = connect(Number(port), hostname)
    const { pass, later } = createPassage(client)
    client.on("data", (chunk) => {
      chunks += 1
      if (!isSwallowing) upstream.write(chunk)
    })
    upstream.on("data", pass)
    client.on("end", () => upstream.end())
    track(client, () => upstream.destroy())
    // Nobody hears of the end of a server that is swallowed.
    upstream.on("end", () => isSwallowing || later(() => client.end()))
    track(upstream, () => isSwallowing || later(() => client.destroy()))
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")

  const url = targetUrl()
  url.hostname = "127.0.0.1"
  url.port = String((server.address() as AddressInfo).port)
  const cut = () => {
    isCut = true
    held.length = 0
    for (const socket of sockets) socket.destroy()
  }
  const restore = () => {
    isCut = false
    isSwallowing = false
    delayMs = 0
    answersLeft = Number.POSITIVE_INFINITY
    for (const send of held.splice(0)) send()
  }
  return {
    url: url.href,
    chunks: () => chunks,
    cut,
    restore,
    reset() {
      cut()
      restore()
    },
    holdAnswers(after) {
      answersLeft = after
      return new Promise((resolve) => {
        onHeld = resolve
      })
    },
    delay(ms) {
      delayMs = ms
    },
    swallow() {
      isSwallowing = true
    },
    async close() {
      cut()
      server.close()
      await once(server, "close")
    },
  }
}
