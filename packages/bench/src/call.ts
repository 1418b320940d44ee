/** Sends one JSON request while a subject is made ready; throws on any other status than 2xx. */
export async function call(
  url: string,
  { method, body, headers }: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<{ json: Record<string, unknown>; cookies: string[] }> {
  const response = await fetch(url, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: { ...(body !== undefined && { "Content-Type": "application/json" }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok)
    throw new Error(`${new URL(url).pathname} answered ${response.status}: ${text.slice(0, 300)}`)
  return {
    json: JSON.parse(text) as Record<string, unknown>,
    cookies: response.headers.getSetCookie().map((cookie) => cookie.split(";")[0] ?? ""),
  }
}
