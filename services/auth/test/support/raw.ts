import { connect } from "node:net"

/** Sends bytes on a socket of its own, and gives everything that comes until the server closes it. */
export function exchange(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes))
    const chunks: Buffer[] = []
    socket.setTimeout(5_000, () => socket.destroy(new Error("the server kept the connection open")))
    socket.on("data", (chunk) => void chunks.push(chunk))
    socket.on("error", reject)
    socket.on("close", () => resolve(Buffer.concat(chunks).toString()))
  })
}

/** One request, its lines as they are given. */
export const request = (line: string, headers: string[], body = "") =>
  [line, ...headers, "", body].join("\r\n")
