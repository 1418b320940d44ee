import { fileURLToPath } from "node:url"
import { createCaller } from "../processes/calls.js"
import { startNode } from "../processes/start-node.js"

export interface MailSink {
  host: string
  port: number
  /** How many mails were answered with 250 so far. */
  accepted(): Promise<number>
  /** Waits until that many were. */
  reach(total: number): Promise<void>
  stop(): Promise<void>
}

const SCRIPT = fileURLToPath(new URL("./mail-sink-process.js", import.meta.url))

export async function startMailSink(): Promise<MailSink> {
  const server = await startNode({ name: "mail sink", script: SCRIPT })
  const call = createCaller(server.child)
  const { hostname, port } = new URL(server.url)

  return {
    host: hostname,
    port: Number(port),
    accepted: () => call("accepted"),
    reach: (total) => call("reach", total),
    stop: server.stop,
  }
}
