export interface ServerSentEvent {
  readonly id: string | undefined
  readonly type: string
  readonly data: string
  readonly retryMs: number | undefined
}

const MAX_LENGTH = 65_536

/** Reads the WHATWG's event stream format, with LF or CRLF; rejects when one event is longer than 64 KiB. */
export async function* readEvents(chunks: AsyncIterable<string>): AsyncGenerator<ServerSentEvent, void> {
  let rest = ""
  for await (const chunk of chunks) {
    const blocks = (rest + chunk).replaceAll("\r\n", "\n").split("\n\n")
    rest = blocks.pop() ?? ""
    if (rest.length > MAX_LENGTH) throw new Error("the event stream has an event that is too long")
    for (const block of blocks) yield readEvent(block)
  }
}

function readEvent(block: string): ServerSentEvent {
  const fields = new Map<string, string>()
  for (const line of block.split("\n")) {
    const [, name = "", value = ""] = /^([^:]*):? ?(.*)$/.exec(line) ?? []
    const earlier = name === "data" ? fields.get(name) : undefined
    fields.set(name, earlier === undefined ? value : `${earlier}\n${value}`)
  }
  const retry = fields.get("retry") ?? ""
  return {
    id: fields.get("id"),
    type: fields.get("event") ?? "message",
    data: fields.get("data") ?? "",
    retryMs: /^\d{1,9}$/.test(retry) ? Number(retry) : undefined,
  }
}
