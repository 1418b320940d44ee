import { connect, createServer, type Socket } from "node:net"
import { freePort } from "@gatepost/testkit"

/** A port that leads to a server, and to another one when told: what a virtual address is in production. */
export interface Relay {
  port: number
  /** New connections go there; those that lead elsewhere end. */
  pointTo(port: number): void
  /** Says nothing more, to nobody, and takes new connections all the same: a machine that lost its power. */
  blackHole(on: boolean): void
  close(): Promise<void>
}

export async function startRelay(target: number): Promise<Relay> {
  const port = await freePort()
  const pairs = new Map<Socket, Socket>()
  let goal = target
  let mute = false

  const end = () => {
    for (const [outside, inside] of pairs) {
      outside.destroy()
      inside.destroy()
    }
  }
  const server = createServer((outside) => {
    const inside = connect(goal, "127.0.0.1")
    pairs.set(outside, inside)
    outside.on("close", () => pairs.delete(outside))
    for (const [from, to] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      from.setNoDelay()
      from.on("data", (bytes) => void (mute || to.write(bytes)))
      from.on("end", () => void (mute || to.end()))
      from.on("error", () => {})
      from.on("close", () => void (mute || to.destroy()))
    }
  }).listen(port, "127.0.0.1")
  await new Promise((resolve) => server.once("listening", resolve))

  return {
    port,
    pointTo(next) {
      goal = next
      end()
    },
    blackHole(on) {
      mute = on
      if (!on) end()
    },
    async close() {
      end()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
