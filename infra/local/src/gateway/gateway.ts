import {
  Agent,
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http"
import { type AddressInfo, isIPv6 } from "node:net"
import { createProxyServer } from "httpxy"
import { StartError } from "../start-error.js"
import { isUnambiguous, prepareRequest, prepareResponse } from "./headers.js"

/** A service behind the gateway. */
export interface Upstream {
  name: string
  /** The first segments of the paths it serves; none: everything that nobody else does. */
  paths: string[]
  /** The port it listens on at the moment. */
  port(): number | undefined
}

export interface GatewayOptions {
  host: string
  port: number
  upstreams: Upstream[]
}

export interface Gateway {
  port: number
  /** Its address for programs on this machine. */
  localUrl: string
  /** Takes no new connections; requests under way go on. */
  stopAccepting(): void
  close(): void
}

// Below the services' own, so that a connection is never used in the moment it is closed.
const IDLE_MS = 4_000
const LIMITS = { headersTimeout: 10_000, requestTimeout: 20_000, connectionsCheckingInterval: 5_000 }

/**
 * Opens the one public port in front of the services. A service that is away is answered for with 503.
 *
 * @throws StartError when the port is taken
 */
export async function openGateway({ host, port, upstreams }: GatewayOptions): Promise<Gateway> {
  const agent = new Agent({ keepAlive: true, timeout: IDLE_MS })
  const handler = forwardTo(upstreams, agent)
  const servers: Server[] = []
  let chosen = port
  // A browser takes either for localhost, so a gateway on one of them only may not be found.
  for (const address of host === "localhost" ? ["127.0.0.1", "::1"] : [host]) {
    const server = createServer(LIMITS, handler)
    const listening = await listen(server, address, chosen).catch((cause: unknown) => {
      for (const open of servers) open.close()
      throw cause
    })
    if (!listening) continue
    servers.push(server)
    chosen = (server.address() as AddressInfo).port
  }

  const everywhere = ["localhost", "0.0.0.0", "::"].includes(host)
  const address = everywhere ? "127.0.0.1" : isIPv6(host) ? `[${host}]` : host
  return {
    port: chosen,
    localUrl: `http://${address}:${chosen}`,
    stopAccepting() {
      for (const server of servers) server.close()
    },
    close() {
      for (const server of servers) server.close().closeAllConnections()
      agent.destroy()
    },
  }
}

function forwardTo(upstreams: Upstream[], agent: Agent): RequestListener {
  const proxy = createProxyServer({ agent })
  proxy.on("proxyRes", prepareResponse)
  proxy.on("error", (_cause, _req, res) => {
    if (res && "writeHead" in res) refuse(res)
  })

  return (req, res) => {
    if (!isUnambiguous(req)) return void res.writeHead(400, { Connection: "close" }).end()
    const port = upstreamOf(req, upstreams)?.port()
    if (port === undefined) return refuse(res)
    prepareRequest(req)
    void proxy.web(req, res, { target: { host: "127.0.0.1", port } })
  }
}

function upstreamOf(req: IncomingMessage, upstreams: Upstream[]): Upstream | undefined {
  const path = req.url?.split("?", 1)[0] ?? "/"
  const serves = (prefix: string) => path === prefix || path.startsWith(`${prefix}/`)
  return (
    upstreams.find(({ paths }) => paths.some(serves)) ?? upstreams.find(({ paths }) => paths.length === 0)
  )
}

function refuse(res: ServerResponse): void {
  if (res.headersSent) return void res.destroy()
  res.writeHead(503, {
    "Content-Type": "application/problem+json",
    "Cache-Control": "no-store",
    "Retry-After": "1",
  })
  const problem = {
    type: "about:blank",
    title: "The service can't answer right now",
    status: 503,
    detail: "It is starting, or starting again.",
    code: "server.unavailable",
  }
  res.end(JSON.stringify(problem))
}

/** @returns false where the system does not have the address (no IPv6) */
function listen(server: Server, address: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once("error", ({ code, message }: NodeJS.ErrnoException) => {
      if (address === "::1" && (code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT")) resolve(false)
      else reject(new StartError(reasonOf(code, address, port) ?? `The gateway can't listen: ${message}`))
    })
    server.listen(port, address, () => resolve(true))
  })
}

function reasonOf(code: string | undefined, address: string, port: number): string | undefined {
  if (code === "EADDRINUSE") return `PORT ${port} is in use by another program: set PORT to a free one`
  if (code === "EACCES") return `PORT ${port} needs more rights than this user has: set PORT above 1023`
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return `HOST ${address} is not an address of this machine`
  return undefined
}
