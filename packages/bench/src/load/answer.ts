export interface Answer {
  status: number
  body: Buffer
  /** Only of a 503. */
  retryAfterMs?: number
}

const HEAD_END = "\r\n\r\n"

/**
 * Reads an HTTP/1.1 answer off bytes that hold nothing else, as much of it as the load generator needs.
 *
 * @returns undefined while it is not complete
 */
export function readAnswer(bytes: Buffer): Answer | undefined {
  const end = bytes.indexOf(HEAD_END)
  if (end === -1) return undefined
  const head = bytes.toString("latin1", 0, end)
  const status = Number(head.slice(9, 12))
  const start = end + HEAD_END.length
  const body = readBody(bytes, head, start, status)
  return body && { status, body, ...(status === 503 && readRetryAfter(head)) }
}

function readBody(bytes: Buffer, head: string, start: number, status: number): Buffer | undefined {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length !== undefined) {
    const bodyEnd = start + Number(length)
    return bytes.length >= bodyEnd ? bytes.subarray(start, bodyEnd) : undefined
  }
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return readChunks(bytes, start)
  if (status === 204 || status === 304) return Buffer.alloc(0)
  throw new Error("an answer says neither its length nor that it is chunked")
}

function readChunks(bytes: Buffer, start: number): Buffer | undefined {
  const chunks: Buffer[] = []
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf("\r\n", at)
    if (lineEnd === -1) return undefined
    const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16)
    const chunkEnd = lineEnd + 2 + size
    if (bytes.length < chunkEnd + 2) return undefined
    if (size === 0) return Buffer.concat(chunks)
    chunks.push(bytes.subarray(lineEnd + 2, chunkEnd))
    at = chunkEnd + 2
  }
}

function readRetryAfter(head: string): { retryAfterMs: number } | undefined {
  const seconds = /\r\nretry-after: *(\d+)/i.exec(head)?.[1]
  return seconds === undefined ? undefined : { retryAfterMs: Number(seconds) * 1000 }
}
