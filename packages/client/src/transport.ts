import { readAnswer } from "./answer.js"
import { NetworkError } from "./errors.js"
import type { Accept } from "./wire.js"

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

export interface Call {
  method: "GET" | "POST"
  /** From `/v1` on. */
  path: string
  json?: unknown
  headers?: Record<string, string>
  accessToken?: string
}

export interface Transport {
  /** Sends once. @throws ApiError, NetworkError */
  send<Answer>(call: Call, accept: Accept<Answer>, signal: AbortSignal): Promise<Answer>
}

export function createTransport(options: {
  baseUrl: string
  clientId: string | undefined
  fetch: Fetch
}): Transport {
  const { baseUrl, clientId, fetch } = options

  return {
    async send({ method, path, json, headers, accessToken }, accept, signal) {
      const response = await fetch(baseUrl + path, {
        method,
        headers: {
          Accept: "application/json",
          ...(json !== undefined && { "Content-Type": "application/json" }),
          ...(clientId !== undefined && { "X-Client-Id": clientId }),
          ...(accessToken !== undefined && { Authorization: `Bearer ${accessToken}` }),
          ...headers,
        },
        ...(json !== undefined && { body: JSON.stringify(json) }),
        cache: "no-store",
        // Ours are never redirected; following one could carry a password or a refresh token elsewhere.
        redirect: "error",
        signal,
      }).catch((cause) => {
        throw new NetworkError("offline", { cause })
      })
      return readAnswer(response, accept)
    },
  }
}
