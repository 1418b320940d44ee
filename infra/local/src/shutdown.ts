import type { Child } from "./children/child.js"
import type { ServiceDatabase } from "./database/database.js"
import type { Gateway } from "./gateway/gateway.js"
import type { Program } from "./programs.js"

/** What has been started so far, in the order in which it was. */
export interface Parts {
  gateway?: Gateway
  inbox?: Child
  migrator?: { kill(): void }
  database?: Promise<ServiceDatabase>
  programs: { program: Program; child: Child }[]
}

const PATIENCE_MS = 4_000

/**
 * Ends everything from the outside in: first what takes requests, then what works on their consequences,
 * then what both need. After four seconds the rest is killed.
 */
export async function stopInOrder(parts: Parts): Promise<void> {
  const limit = setTimeout(() => void killAll(parts), PATIENCE_MS)
  parts.gateway?.stopAccepting()
  parts.migrator?.kill()
  const of = (api: boolean) => parts.programs.filter(({ program }) => (program.paths !== undefined) === api)
  for (const stage of [of(true), of(false)]) await Promise.all(stage.map(({ child }) => child.stop()))
  await parts.inbox?.stop()
  parts.gateway?.close()
  const database = await parts.database?.catch(() => undefined)
  await database?.stop("fast")
  clearTimeout(limit)
}

/** What was acknowledged is safe with this too: the database recovers at its next start. */
export async function killAll(parts: Parts): Promise<void> {
  parts.migrator?.kill()
  for (const { child } of parts.programs) child.kill()
  parts.inbox?.kill()
  parts.gateway?.close()
  const database = await parts.database?.catch(() => undefined)
  await database?.stop("immediate")
}
