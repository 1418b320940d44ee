import { createEgress } from "@gatepost/egress"
import type { Metrics } from "@gatepost/http"
import { createOutbox } from "@gatepost/mail-queue"
import type { Database, Db } from "@gatepost/postgres"
import { createSealer, type Logger } from "@gatepost/runtime"
import type { Config } from "./config.js"
import { openChannels } from "./modules/channels/index.js"
import { createDevicesService, devicesRepository } from "./modules/devices/index.js"
import { createPreferencesService, preferencesRepository } from "./modules/preferences/index.js"
import { createFcm, createWebPush, readServiceAccount, webPushKeyOf } from "./modules/push/index.js"

export type ReachParts = ReturnType<typeof openReach>

/** All that reaches people outside their inbox, and what they have to say about it. */
export function openReach(deps: {
  config: Config
  database: Database
  metrics: Metrics
  logger: Logger
  /** The inbox's: which of these are still to be seen. */
  listUnread(db: Db, userId: string, ids: string[]): Promise<string[]>
}) {
  const { config, database, logger } = deps
  const egress = createEgress({ allowLoopback: config.EGRESS_ALLOW === "loopback" })
  const mailSecret = config.MAIL_ENCRYPTION_SECRET?.reveal()
  const vapidKey = config.VAPID_PRIVATE_KEY?.reveal()
  if (!mailSecret) logger.warn("no MAIL_ENCRYPTION_SECRET: notifications are not mailed")

  const channels = openChannels({
    ...deps,
    publicUrl: config.PUBLIC_URL,
    outbox: mailSecret
      ? createOutbox({
          sealer: createSealer(mailSecret, "mail"),
          messageIdDomain: new URL(config.PUBLIC_URL).hostname,
        })
      : undefined,
    transports: {
      ...(vapidKey && {
        "web-push": createWebPush({ egress, privateKey: vapidKey, subject: subjectOf(config) }),
      }),
      ...(config.FCM_SERVICE_ACCOUNT_FILE && {
        fcm: createFcm({
          account: readServiceAccount(config.FCM_SERVICE_ACCOUNT_FILE),
          url: config.FCM_URL,
        }),
      }),
    },
    limits: { mailsPerHour: config.MAILS_PER_HOUR, pushesPerHour: config.PUSHES_PER_HOUR },
  })

  return {
    channels,
    preferences: createPreferencesService({ database }),
    devices: createDevicesService({ database, egress }),
    webPushKey: vapidKey && webPushKeyOf(vapidKey),
    sweepDevices: (): Promise<number> => devicesRepository(database.db).deleteUnseen(),
    /** Deletes all that is kept of a user here, in the caller's transaction. */
    async forget(trx: Db, userId: string): Promise<void> {
      await channels.forget(trx, userId)
      await devicesRepository(trx).deleteAllOf(userId)
      await preferencesRepository(trx).deleteReach(userId)
    },
  }
}

const subjectOf = ({ VAPID_SUBJECT, PUBLIC_URL }: Config): string =>
  VAPID_SUBJECT ?? (PUBLIC_URL.startsWith("https://") ? PUBLIC_URL : "mailto:operator@localhost")
