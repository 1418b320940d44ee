import { fileURLToPath } from "node:url"
import { createMember, type Member, type Site } from "@gatepost/fleet"
import { CHAOS_SECRET } from "./chaos-mail.js"

const WORKER = fileURLToPath(new URL("../../../../services/mail-worker/dist/main.js", import.meta.url))
const POSTER = fileURLToPath(new URL("./poster.js", import.meta.url))

const CONNECTIONS = 10

/** Mails that one worker has in hand at once: those of two lanes are in use, two for each connection. */
export const IN_HAND = CONNECTIONS * 2 * 2

export const createWorker = (site: Site, name: string, smtpUrl: string): Member =>
  createMember({
    name,
    script: WORKER,
    env: {
      DATABASE_URL: site.databaseUrl("gatepost_mail"),
      ...(site.redisUrl && { REDIS_URL: site.redisUrl }),
      SMTP_URL: smtpUrl,
      MAIL_ENCRYPTION_SECRET: CHAOS_SECRET,
      MAIL_CONCURRENCY: String(CONNECTIONS),
      LOG_LEVEL: process.env.CHAOS_LOG_LEVEL ?? "silent",
    },
  })

/** As the owner, since a service may not choose a mail's policy. */
export const createPoster = (site: Site, name: string): Member =>
  createMember({
    name,
    script: POSTER,
    env: { DATABASE_URL: site.databaseUrl(), MAIL_ENCRYPTION_SECRET: CHAOS_SECRET },
  })
