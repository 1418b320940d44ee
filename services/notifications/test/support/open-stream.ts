import { type IncomingMessage, request } from "node:http"
import { until } from "@gatepost/testkit"

export interface OpenStream {
  status: number
  type: string | undefined
  /** All that came. */
  text(): string
  hints(): number
  hasEnded(): boolean
  close(): void
}

/** Reads a stream as a client that cares for every byte. */
export async function openStream(
  url: string,
  token: string,
  headers: Record<string, string> = {},
): Promise<OpenStream> {
  let text = ""
  let hasEnded = false
  const call = request(`${url}/v1/notifications/stream`, {
    agent: false,
    headers: { accept: "text/event-stream", authorization: `Bearer ${token}`, ...headers },
  })
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    call.on("response", resolve).on("error", reject).end()
  })
  call.on("error", () => {})
  response.setEncoding("utf8").on("data", (chunk) => {
    text += chunk
  })
  response
    .on("error", () => {})
    .on("close", () => {
      hasEnded = true
    })
  const stream = {
    status: response.statusCode ?? 0,
    type: response.headers["content-type"],
    text: () => text,
    hints: () => text.split("event: inbox\n").length - 1,
    hasEnded: () => hasEnded,
    close: () => void call.destroy(),
  }
  if (stream.status === 200) await until("the first hint", () => stream.hints() > 0)
  return stream
}
