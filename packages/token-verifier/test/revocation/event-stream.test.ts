import assert from "node:assert/strict"
import { readEvents, type ServerSentEvent } from "#src/revocation/event-stream.js"

async function read(chunks: string[]): Promise<ServerSentEvent[]> {
  const events: ServerSentEvent[] = []
  for await (const event of readEvents(chunksOf(chunks))) events.push(event)
  return events
}

async function* chunksOf(chunks: string[]) {
  yield* chunks
}

describe("an event stream", () => {
  it("is read the same however it is cut", async () => {
    const text =
      ": hello\r\n\r\nid: 7\r\nevent: revoked\r\ndata: {\r\ndata:  }\r\n\r\nretry: 250\n\nid\ndata:x:y\n\n"
    const events = [
      { id: undefined, type: "message", data: "", retryMs: undefined },
      { id: "7", type: "revoked", data: "{\n }", retryMs: undefined },
      { id: undefined, type: "message", data: "", retryMs: 250 },
      { id: "", type: "message", data: "x:y", retryMs: undefined },
    ]
    assert.deepEqual(await read([text]), events)
    assert.deepEqual(await read([...text]), events)
    for (let cut = 1; cut < text.length; cut++) {
      assert.deepEqual(await read([text.slice(0, cut), text.slice(cut)]), events)
    }
  })

  it("has no event until it is whole", async () => {
    assert.deepEqual(await read(["id: 7\nevent: ping\n"]), [])
  })

  it("ends with an event that is too long", async () => {
    await assert.rejects(read(Array(9).fill("x".repeat(8_192))), /too long/)
  })
})
