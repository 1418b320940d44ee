import { once } from "node:events"
import { connect } from "node:net"
import { StartError } from "./start-error.js"

const CONNECT_TIMEOUT_MS = 3_000
const DEFAULT_PORT = 6379

/** @throws StartError when nobody listens where `REDIS_URL` leads */
export async function assertRedisListens(url: string): Promise<void> {
  const { hostname, port, host } = new URL(url)
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || DEFAULT_PORT })
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS) })
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? "no answer"
    throw new StartError(`REDIS_URL: no Redis at ${host} (${reason})`, { cause })
  } finally {
    socket.destroy()
  }
}
