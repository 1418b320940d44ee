import { spawn } from "node:child_process"
import { once } from "node:events"
import { text } from "node:stream/consumers"
import type { Household } from "./programs.js"
import type { Settings } from "./settings.js"

const ROLE = "gatepost_auth"
/** With a database of one's own nobody becomes an admin unasked. */
const BUILT_IN_EMAIL = "admin@example.com"

/** The link of the first admin; none where there is one, or nobody was named. It is for this terminal alone. */
export async function inviteFirstAdmin(
  { invite }: Household,
  env: NodeJS.ProcessEnv,
  started: { settings: Settings; publicUrl: string; databaseUrlOf(role: string): string },
): Promise<string | undefined> {
  const email = env.ADMIN_EMAIL || (started.settings.DATABASE_URL ? undefined : BUILT_IN_EMAIL)
  if (!invite || !email) return undefined
  const child = spawn(process.execPath, [invite, "invite", email], {
    env: { ...env, DATABASE_URL: started.databaseUrlOf(ROLE), PUBLIC_URL: started.publicUrl },
    stdio: ["ignore", "pipe", "ignore"],
  })
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, "close")])
  return code === 0 ? output.trim() : undefined
}
