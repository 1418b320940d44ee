import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

/** A client's server as far as a browser needs one: somewhere to arrive at. */
export async function startApp(): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer((_req, res) => {
    res.writeHead(200, { "Content-Type": "text/html" })
    res.end(
      '<!doctype html><html lang="en"><title>App</title><link rel="icon" href="data:,"><h1>Back at the app</h1>',
    )
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
