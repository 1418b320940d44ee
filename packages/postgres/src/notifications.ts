import type { Logger } from "@gatepost/runtime"
import pg from "pg"

export interface Listener {
  close(): Promise<void>
}

const RECONNECT_DELAY_MS = 1_000
const CONNECT_TIMEOUT_MS = 2_000
// Nothing is said here for long: whether the other side is still there is asked for.
const KEEP_ALIVE_MS = 3_000

/**
 * Calls `wake` with the payload of each NOTIFY of a channel, and with none after each (re)connection, since
 * what was said in between is lost. A hint, never the truth: whoever listens polls as well. Needs a session of its
 * own, so a transaction-mode PgBouncer must be bypassed.
 */
export function listen(
  url: string,
  channel: string,
  wake: (payload?: string) => void,
  logger: Logger,
): Listener {
  let client: pg.Client | undefined
  let closed = false
  let timer: NodeJS.Timeout | undefined

  const connect = async () => {
    client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      application_name: `listen ${channel}`,
    })
    client.on("notification", ({ payload }) => wake(payload))
    client.on("error", (cause) => logger.warn({ err: cause, channel }, "the listening connection failed"))
    client.on("end", reconnect)
    try {
      await client.connect()
      await client.query(`listen ${channel}`)
      wake()
    } catch (cause) {
      logger.warn({ err: cause, channel }, "listening failed; polling goes on")
      await client.end().catch(() => {})
      reconnect()
    }
  }
  const reconnect = () => {
    if (closed || timer) return
    timer = setTimeout(() => {
      timer = undefined
      if (!closed) void connect()
    }, RECONNECT_DELAY_MS)
  }

  void connect()
  return {
    async close() {
      closed = true
      clearTimeout(timer)
      await client?.end().catch(() => {})
    },
  }
}
