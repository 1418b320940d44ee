import type { Push } from "./push.types.js"

// RFC 8030 section 7.2 grants 4096 bytes, of which encryption takes 103; FCM and APNs take 4096 in all, with our wrapping.
const MAX_BYTES = 3_000

/** What the app on the device gets, as JSON that fits: long data is left for it to fetch, a long text is cut. */
export function pushText({ id, category, title, body, link, data }: Push): string {
  const head = { id, category, title }
  const fitting = [
    { ...head, link, body, data },
    { ...head, link, body },
  ].map((content) => JSON.stringify(content))
  const whole = fitting.find((text) => Buffer.byteLength(text) <= MAX_BYTES)
  if (whole) return whole
  const room = MAX_BYTES - Buffer.byteLength(JSON.stringify({ ...head, body: "" }))
  return JSON.stringify({ ...head, body: cut(body, Math.max(room, 0)) })
}

/** The text's beginning in so many bytes of JSON, with an ellipsis where something is missing. */
export function cut(text: string, bytes: number): string {
  const sizeOf = (part: string) => Buffer.byteLength(JSON.stringify(part)) - 2
  if (sizeOf(text) <= bytes) return text
  let kept = ""
  let size = sizeOf("…")
  for (const character of text) {
    size += sizeOf(character)
    if (size > bytes) break
    kept += character
  }
  return `${kept}…`
}
