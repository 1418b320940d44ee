import { once } from "node:events"
import { connect } from "node:net"
import { type RedisNode, readRedisUrl } from "@gatepost/runtime"
import { StartError } from "./start-error.js"

const CONNECT_TIMEOUT_MS = 3_000

/** @throws StartError when nobody listens where `REDIS_URL` leads, be it to Sentinels or the nodes of a cluster */
export async function assertRedisListens(url: string): Promise<void> {
  const { kind, nodes } = readRedisUrl(url)
  try {
    await Promise.any(nodes.map(assertListens))
  } catch (cause) {
    const reasons = (cause as AggregateError).errors.map(
      ({ code }: NodeJS.ErrnoException) => code ?? "no answer",
    )
    const where = nodes.map(({ host, port }, index) => `${host}:${port} (${reasons[index]})`)
    throw new StartError(
      `REDIS_URL: no ${kind === "sentinel" ? "Sentinel" : "Redis"} at ${where.join(", ")}`,
      { cause },
    )
  }
}

async function assertListens({ host, port }: RedisNode): Promise<void> {
  const socket = connect({ host, port })
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS) })
  } finally {
    socket.destroy()
  }
}
