export interface FetchLimits {
  readonly timeoutSeconds: number
  readonly maxBytes: number
}

/**
 * GETs a JSON document with a limit on time and size, and follows no redirect: whoever can make the key
 * server answer 302 must not choose where keys come from. Rejects on anything but a 200 with JSON.
 */
export async function fetchJson(url: string, limits: FetchLimits): Promise<unknown> {
  const abort = new AbortController()
  const timedOut = new Promise<never>((_, reject) => {
    abort.signal.addEventListener("abort", () => reject(abort.signal.reason))
  })
  const timer = setTimeout(
    () => abort.abort(new Error("the key server took too long")),
    limits.timeoutSeconds * 1000,
  )
  try {
    // The race is there for the body: undici holds the signal weakly, and may miss an abort while streaming.
    return await Promise.race([download(url, abort.signal, limits.maxBytes), timedOut])
  } finally {
    clearTimeout(timer)
    abort.abort()
  }
}

async function download(url: string, signal: AbortSignal, maxBytes: number): Promise<unknown> {
  const response = await fetch(url, { signal, redirect: "error", headers: { accept: "application/json" } })
  if (response.status !== 200) throw new Error(`the key server answered ${response.status}`)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > maxBytes) throw new Error(`the key server sent more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return JSON.parse(Buffer.concat(chunks).toString("utf8"))
}
