export interface ServerSentEvent {
  type: string
  retryMs: number | undefined
}

// Ours are a hundred bytes.
const MAX_LENGTH = 65_536

/** Reads the WHATWG's event stream, of which types and pauses are all we need; comments come as `ping`. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent, void> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ""
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const blocks = (rest + decoder.decode(value, { stream: true })).replaceAll("\r\n", "\n").split("\n\n")
      rest = blocks.pop() ?? ""
      if (rest.length > MAX_LENGTH) throw new Error("an event is too long")
      for (const block of blocks) yield readEvent(block)
    }
  } finally {
    // Not waited for: some runtimes answer only once the network does.
    void reader.cancel().catch(() => {})
  }
}

function readEvent(block: string): ServerSentEvent {
  const retry = /^retry: ?(\d{1,7})$/m.exec(block)?.[1]
  const type = block.startsWith(":") ? "ping" : (/^event: ?(.*)$/m.exec(block)?.[1] ?? "message")
  return { type, retryMs: retry === undefined ? undefined : Number(retry) }
}
