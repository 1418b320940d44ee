export type Json = Record<string, unknown>

export interface Call {
  expect: number
  token?: string | undefined
  /** `client_id:client_secret` for HTTP Basic. */
  basic?: string
  json?: Json
  form?: Record<string, string>
}

/** @throws with what was expected and what came */
export type Api = (method: string, path: string, call: Call) => Promise<Json>

const TIMEOUT_MS = 10_000

/** Calls an installation and holds it to the expected status. */
export function createApi(baseUrl: string): Api {
  return async (method, path, { expect, token, basic, json, form }) => {
    const headers: Record<string, string> = { Accept: "application/json" }
    if (token) headers.Authorization = `Bearer ${token}`
    if (basic) headers.Authorization = `Basic ${Buffer.from(basic).toString("base64")}`
    if (json) headers["Content-Type"] = "application/json"
    const body = json ? JSON.stringify(json) : form ? new URLSearchParams(form) : null

    const url = new URL(path, baseUrl)
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const response = await fetch(url, { method, headers, body, signal, redirect: "manual" })
    const text = await response.text()
    if (response.status !== expect) {
      throw new Error(
        `${method} ${url.pathname} answered ${response.status}, expected ${expect}: ${text.slice(0, 300)}`,
      )
    }
    return parse(text)
  }
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return {}
  }
}
