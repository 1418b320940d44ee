import { createSocket } from "node:dgram"
import { Resolver } from "node:dns/promises"
import { once } from "node:events"

/** A name server that says what the test wants, and remembers what it was asked. */
export interface DnsServer {
  resolver: Resolver
  /** As `A rp.example`. */
  questions: string[]
  stop(): void
}

type Type = "A" | "AAAA"

const TYPES: Record<number, Type> = { 1: "A", 28: "AAAA" }

/** @param answer the addresses of a name; `undefined` for no answer at all */
export async function startDnsServer(
  answer: (name: string, type: Type) => string[] | undefined,
): Promise<DnsServer> {
  const socket = createSocket("udp4")
  await once(socket.bind(0, "127.0.0.1"), "listening")
  const questions: string[] = []
  socket.on("message", (query, from) => {
    const { name, type, end } = questionOf(query)
    questions.push(`${type} ${name}`)
    const addresses = answer(name, type)
    if (addresses) socket.send(reply(query.subarray(0, end), addresses), from.port, from.address)
  })
  const resolver = new Resolver({ timeout: 2_000, tries: 2 })
  resolver.setServers([`127.0.0.1:${socket.address().port}`])
  return { resolver, questions, stop: () => void socket.close() }
}

// RFC 1035 section 4.1: a header of 12 bytes, then the name in labels, its type and its class.
function questionOf(query: Buffer) {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("ascii", at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join("."), type: TYPES[query.readUInt16BE(at + 1)] ?? "A", end: at + 5 }
}

function reply(question: Buffer, addresses: string[]): Buffer {
  const header = Buffer.from(question)
  header.writeUInt16BE(0x8180, 2)
  header.writeUInt16BE(addresses.length, 6)
  header.writeUInt32BE(0, 8)
  return Buffer.concat([header, ...addresses.map(record)])
}

function record(address: string): Buffer {
  const bytes = address.includes(":") ? ipv6(address) : Buffer.from(address.split(".").map(Number))
  const head = Buffer.alloc(12)
  // The name of the question, no time to live.
  head.writeUInt16BE(0xc00c, 0)
  head.writeUInt16BE(bytes.length === 4 ? 1 : 28, 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(bytes.length, 10)
  return Buffer.concat([head, bytes])
}

function ipv6(address: string): Buffer {
  const [left = "", right = ""] = address.split("::")
  const words = (part: string) => (part === "" ? [] : part.split(":"))
  const zeros = Array.from({ length: 8 - words(left).length - words(right).length }, () => "0")
  const all = [...words(left), ...(address.includes("::") ? zeros : []), ...words(right)]
  return Buffer.from(all.map((word) => word.padStart(4, "0")).join(""), "hex")
}
