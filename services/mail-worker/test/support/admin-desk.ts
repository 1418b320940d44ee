import { createHealth, createMetrics } from "@gatepost/http"
import { createClaims, createJobs, type Handover } from "@gatepost/mail-queue"
import { createLogger } from "@gatepost/runtime"
import { testDatabase } from "@gatepost/testkit"
import { openAdminPort } from "#src/admin.js"
import { readConfig } from "#src/config.js"
import { deskOver } from "./desk.js"
import { PUBLIC_URL, startIssuer } from "./issuer.js"

const to: Handover = { transport: "smtp.example.com", idempotent: false }

/** The admin port over a database with mails in it, without the worker that would send them. */
export async function adminDesk(env: Record<string, string> = {}, redisUrl?: string) {
  const db = await testDatabase()
  const desk = deskOver(db)
  const issuer = await startIssuer()
  const { database, databaseUrl, sealer } = desk
  const logger = createLogger("test", "silent")
  const jobs = createJobs({ redisUrl, databaseUrl, logger })
  const config = readConfig({
    DATABASE_URL: databaseUrl,
    SMTP_URL: "smtp://127.0.0.1:1",
    MAIL_ENCRYPTION_SECRET: "0123456789 abcdefghij klmnopqrst uvwxyz",
    ADMIN_PORT: "0",
    PUBLIC_URL,
    JWKS_URL: issuer.jwksUrl,
    ...env,
  })
  const health = createHealth({ service: "mail-worker", version: "0", required: {} })
  const metrics = createMetrics("mail-worker")
  const server = await openAdminPort({ config, database, jobs, logger, health, metrics })
  if (!server) throw new Error("the admin port is not open")
  const claims = createClaims({ database, sealer })

  const claimed = async (recipient?: string) => {
    const id = await desk.enqueue(recipient ? { recipient } : {})
    await desk.query("update mail.messages set policy = 'once' where id = ?", [id])
    const claim = await claims.claim(id)
    if (!claim) throw new Error("the mail could not be claimed")
    return claim
  }

  return {
    ...desk,
    db,
    jobs,
    claims,
    url: `http://127.0.0.1:${server.port}`,
    async failed(recipient?: string): Promise<string> {
      const claim = await claimed(recipient)
      await claims.markFailed(claim, "SMTP 554")
      return claim.id
    },
    async uncertain(): Promise<string> {
      const claim = await claimed()
      await claims.handOff(claim, to)
      await claims.markUncertain(claim, "SMTP ETIMEDOUT")
      return claim.id
    },
    async stop() {
      await server.stop()
      await jobs.close()
      await issuer.close()
      await desk.close()
    },
  }
}

export type AdminDesk = Awaited<ReturnType<typeof adminDesk>>
