import type { AddressInfo } from "node:net"
import { connect, createServer, type Socket } from "node:net"

export interface TcpProxy {
  url: string
  /** Cuts connections when the server's answer is on its way back: it has acted, and nobody hears of it. */
  cutAnswers(count: number): void
  /** Cuts connections when a request comes. */
  cutRequests(count: number): void
  cuts(): number
  stop(): Promise<void>
}

/** A line to a server that breaks when told to. */
export async function openTcpProxy(target: string): Promise<TcpProxy> {
  const port = Number(new URL(target).port)
  const sockets = new Set<Socket>()
  const left = { answers: 0, requests: 0 }
  let cuts = 0

  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1")
    const cut = () => {
      near.destroy()
      far.destroy()
    }
    const pass = (from: Socket, to: Socket, kind: "answers" | "requests") =>
      from.on("data", (chunk) => {
        if (left[kind] === 0) {
          to.write(chunk)
          return
        }
        left[kind]--
        cuts++
        cut()
      })
    pass(near, far, "requests")
    pass(far, near, "answers")
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on("error", cut).on("close", cut)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutAnswers: (count) => {
      left.answers = count
    },
    cutRequests: (count) => {
      left.requests = count
    },
    cuts: () => cuts,
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
