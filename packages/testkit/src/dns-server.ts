import { createSocket } from "node:dgram"
import { Resolver } from "node:dns/promises"
import { once } from "node:events"

/** A name server that says what the test wants, and remembers what it was asked. */
export interface DnsServer {
  resolver: Resolver
  /** As `127.0.0.1:5353`. */
  address: string
  /** As `A rp.example`. */
  questions: string[]
  stop(): void
}

type Type = "A" | "AAAA" | "MX" | "TXT"

const TYPES: Record<number, Type> = { 1: "A", 15: "MX", 16: "TXT", 28: "AAAA" }

/**
 * @param answer the addresses of a name, its texts, or its mail servers as `10 mx.example`; none for a name without
 *   such records, `undefined` for no answer at all
 */
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
    if (addresses)
      socket.send(
        reply(
          query.subarray(0, end),
          addresses.map((text) => record(text, type)),
        ),
        from.port,
        from.address,
      )
  })
  const resolver = new Resolver({ timeout: 2_000, tries: 2 })
  const address = `127.0.0.1:${socket.address().port}`
  resolver.setServers([address])
  return { resolver, address, questions, stop: () => void socket.close() }
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

function reply(question: Buffer, records: Buffer[]): Buffer {
  const header = Buffer.from(question)
  header.writeUInt16BE(0x8180, 2)
  header.writeUInt16BE(records.length, 6)
  header.writeUInt32BE(0, 8)
  return Buffer.concat([header, ...records])
}

function record(text: string, type: Type): Buffer {
  const bytes = DATA[type](text)
  const head = Buffer.alloc(12)
  // The name of the question, no time to live.
  head.writeUInt16BE(0xc00c, 0)
  head.writeUInt16BE(NUMBERS[type], 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(bytes.length, 10)
  return Buffer.concat([head, bytes])
}

const NUMBERS = { A: 1, MX: 15, TXT: 16, AAAA: 28 }

// RFC 1035 section 3.3: a text is in strings of at most 255 bytes.
const DATA: Record<Type, (text: string) => Buffer> = {
  A: (text) => Buffer.from(text.split(".").map(Number)),
  AAAA: ipv6,
  TXT: (text) => Buffer.concat((text.match(/.{1,255}/gs) ?? []).map(labelled)),
  MX(text) {
    const [preference = "0", exchange = ""] = text.split(" ")
    const number = Buffer.alloc(2)
    number.writeUInt16BE(Number(preference))
    return Buffer.concat([number, ...exchange.split(".").filter(Boolean).map(labelled), Buffer.alloc(1)])
  },
}

const labelled = (part: string) => Buffer.concat([Buffer.from([part.length]), Buffer.from(part)])

function ipv6(address: string): Buffer {
  const [left = "", right = ""] = address.split("::")
  const words = (part: string) => (part === "" ? [] : part.split(":"))
  const zeros = Array.from({ length: 8 - words(left).length - words(right).length }, () => "0")
  const all = [...words(left), ...(address.includes("::") ? zeros : []), ...words(right)]
  return Buffer.from(all.map((word) => word.padStart(4, "0")).join(""), "hex")
}
