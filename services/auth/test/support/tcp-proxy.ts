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
  /** Holds what comes from the server after this many chunks more; resolves when there is some. */
  holdAnswers(after: number): Promise<void>
  close(): Promise<void>
}

export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let isCut = false
  let chunks = 0
  let answersLeft = Number.POSITIVE_INFINITY
  let onHeld = () => {}
  const held: (() => void)[] = []
  const server = createServer((client) => {
    if (isCut) return void client.destroy()
    const upstream = connect(Number(port), hostname)
    client.on("data", (chunk) => {
      chunks += 1
      upstream.write(chunk)
    })
    upstream.on("data", (chunk) => {
      answersLeft -= 1
      if (answersLeft >= 0) return void client.write(chunk)
      held.push(() => client.write(chunk))
      onHeld()
    })
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on("end", () => to.end())
      from.on("error", () => to.destroy())
      from.on("close", () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")

  const url = new URL(target)
  url.hostname = "127.0.0.1"
  url.port = String((server.address() as AddressInfo).port)
  const cut = () => {
    isCut = true
    held.length = 0
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: url.href,
    chunks: () => chunks,
    cut,
    restore() {
      isCut = false
      answersLeft = Number.POSITIVE_INFINITY
      for (const send of held.splice(0)) send()
    },
    holdAnswers(after) {
      answersLeft = after
      return new Promise((resolve) => {
        onHeld = resolve
      })
    },
    async close() {
      cut()
      server.close()
      await once(server, "close")
    },
  }
}
