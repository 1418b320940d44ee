import type { IncomingMessage, Server } from "node:http"

const LOCAL = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/

/**
 * Keeps the mails from other web sites in the developer's browser: MailDev allows every origin to read them,
 * and they hold sign-in codes and reset links. Also refuses names that merely point here (DNS rebinding).
 */
export function guardAgainstOtherSites(server: Server): void {
  for (const event of ["request", "upgrade"] as const) {
    const handlers = server.listeners(event)
    server.removeAllListeners(event)
    server.on(event, (req: IncomingMessage, ...rest: unknown[]) => {
      if (isFromHere(req)) for (const handler of handlers) handler.call(server, req, ...rest)
      else req.socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
    })
  }
}

function isFromHere({ headers }: IncomingMessage): boolean {
  const { host = "", origin } = headers
  return LOCAL.test(host) && (origin === undefined || origin === `http://${host}`)
}
