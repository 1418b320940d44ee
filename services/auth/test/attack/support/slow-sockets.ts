import { connect, type Socket } from "node:net"

export interface SlowSockets {
  /** Seconds after which the server ended each that is ended. */
  ended(): number[]
  stop(): void
}

const DRIP_MS = 1_000

/** Clients that send a request byte by byte, and never come to its end. */
export function openSlowSockets(url: string, count: number): SlowSockets {
  const { hostname, port } = new URL(url)
  const started = performance.now()
  const ended: number[] = []
  const sockets: Socket[] = []
  for (let index = 0; index < count; index++) {
    const socket = connect(Number(port), hostname, () =>
      socket.write("POST /v1/auth/login HTTP/1.1\r\nHost: localhost\r\nX-Slow: "),
    )
    const drip = setInterval(() => socket.write("a"), DRIP_MS)
    socket.on("error", () => {})
    socket.on("data", () => {})
    socket.on("close", () => {
      clearInterval(drip)
      ended.push((performance.now() - started) / 1_000)
    })
    sockets.push(socket)
  }
  return {
    ended: () => ended,
    stop: () => {
      for (const socket of sockets) socket.destroy()
    },
  }
}
