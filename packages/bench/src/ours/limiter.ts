import { fileURLToPath } from "node:url"
import type { Bench } from "../bench.js"
import type { Server } from "../http-subject.js"
import { startNode } from "../processes/start-node.js"

/** In each request, so that what HTTP costs is a hundredth of a check's share. */
export const CHECKS = 100

/** Starts a process that makes as many checks of a limit for each request, as the auth service makes them. */
export async function startLimiter(bench: Bench, redisUrl?: string): Promise<Server> {
  const postgres = await bench.postgres()
  const { urlOf } = await postgres.createOurDatabase(redisUrl ? "limits_in_redis" : "limits")
  return startNode({
    name: "limiter",
    script: fileURLToPath(new URL("./limiter-process.js", import.meta.url)),
    args: [urlOf("gatepost_auth"), redisUrl ?? ""],
  })
}
