import http, { type IncomingMessage } from "node:http"
import https from "node:https"

export interface RequestOptions {
  readonly method: "GET" | "POST"
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal: AbortSignal
}

/**
 * Sends a request on a connection of its own, which keeps no process alive: that is what fetch cannot do. No
 * redirect is followed, so a secret goes nowhere else.
 */
export function sendRequest(url: string, { body, ...options }: RequestOptions): Promise<IncomingMessage> {
  const { request } = url.startsWith("https:") ? https : http
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...options, agent: false }, resolve)
    sent.on("socket", (socket) => socket.unref())
    sent.on("error", reject)
    sent.end(body)
  })
}
