import { fileURLToPath } from "node:url"
import type { Bench } from "../bench.js"
import type { Server } from "../http-subject.js"
import { startNode } from "../processes/start-node.js"
import { notificationsSettings } from "./settings.js"

const SCRIPT = fileURLToPath(new URL("../../../../services/notifications/dist/main.js", import.meta.url))

/** Starts the notifications API on a database with our schemas in it. */
export async function startNotifications(bench: Bench, databaseUrl: string): Promise<Server> {
  const { audience, jwksUrl } = await bench.keyServer()
  return startNode({
    name: "notifications service",
    script: SCRIPT,
    env: notificationsSettings(databaseUrl, audience, jwksUrl),
  })
}
