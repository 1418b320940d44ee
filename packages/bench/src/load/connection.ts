import { once } from "node:events"
import { connect } from "node:net"
import { type Answer, readAnswer } from "./answer.js"

/** A kept-alive connection, for one request at a time. */
export interface Connection {
  exchange(request: Buffer): Promise<Answer>
  close(): void
}

interface Waiting {
  resolve(answer: Answer): void
  reject(cause: Error): void
}

/**
 * Speaks HTTP/1.1 on a bare socket: an HTTP client costs about as much CPU as the servers it would
 * measure, on the cores that they share.
 */
export async function openConnection(hostname: string, port: number): Promise<Connection> {
  const socket = connect({ host: hostname, port, noDelay: true })
  let received: Buffer | undefined
  let waiting: Waiting | undefined

  const fail = (cause: Error) => {
    waiting?.reject(cause)
    waiting = undefined
  }
  socket.on("data", (chunk: Buffer) => {
    received = received ? Buffer.concat([received, chunk]) : chunk
    try {
      const answer = readAnswer(received)
      if (!answer) return
      received = undefined
      const asked = waiting
      waiting = undefined
      asked?.resolve(answer)
    } catch (cause) {
      fail(cause as Error)
    }
  })
  await once(socket, "connect")
  socket.on("error", fail)
  socket.on("close", () => fail(new Error("the server closed the connection")))

  return {
    exchange: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        socket.write(request)
      }),
    close: () => socket.destroy(),
  }
}
