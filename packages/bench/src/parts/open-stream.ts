import { once } from "node:events"
import { connect } from "node:net"
import type { Server } from "../http-subject.js"

const HINT = "event: inbox\n"

/** Opens a live stream on a bare socket, and waits for its first hint. @throws for any other answer */
export async function openStream(
  { url }: Server,
  token: string,
  onHint: () => void,
): Promise<{ close(): void }> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true }).setEncoding("latin1")
  await once(socket, "connect")
  const lines = [
    "GET /v1/notifications/stream HTTP/1.1",
    `Host: ${hostname}`,
    "Accept: text/event-stream",
    `Authorization: Bearer ${token}`,
  ]
  socket.write(`${lines.join("\r\n")}\r\n\r\n`)

  let head = ""
  while (!head.includes(HINT)) {
    const [chunk] = await once(socket, "data")
    head += chunk
    if (!head.startsWith("HTTP/1.1 200")) throw new Error(`a stream was answered ${head.slice(0, 200)}`)
  }
  socket.on("data", (chunk: string) => {
    if (chunk.includes(HINT)) onHint()
  })
  socket.on("error", () => {})
  return { close: () => void socket.destroy() }
}
