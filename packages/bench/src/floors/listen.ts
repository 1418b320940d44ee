import { once } from "node:events"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import express, { type Express } from "express"

/** Express with nothing on it; without the ETag that ours does not compute either. */
export const bareExpress = (): Express => express().disable("x-powered-by").disable("etag")

/** Listens on loopback, tells the parent process where, and ends with it. */
export async function listen(app: RequestListener): Promise<void> {
  const server = createServer(app).listen(0, "127.0.0.1")
  await once(server, "listening")
  process.on("disconnect", () => process.exit())
  process.send?.({ type: "ready", port: (server.address() as AddressInfo).port })
}
