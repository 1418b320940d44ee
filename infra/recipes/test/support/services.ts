import { Config as AuthConfig, readConfig as readAuth } from "@gatepost/auth/config"
import { gatepost, withExamples } from "@gatepost/local"
import { settings as MailWorkerConfig, readConfig as readMailWorker } from "@gatepost/mail-worker/config"
import {
  Config as NotificationsConfig,
  readConfig as readNotifications,
} from "@gatepost/notifications/config"
import {
  readConfig as readSocialBattery,
  Config as SocialBatteryConfig,
} from "@gatepost/social-battery/config"

type Environment = Record<string, string | undefined>

/** Every service by its name: the settings it knows, and how it reads them. */
export const services: Record<string, { names: string[]; read(env: Environment): unknown }> = {
  auth: { names: Object.keys(AuthConfig.shape), read: readAuth },
  notifications: { names: Object.keys(NotificationsConfig.shape), read: readNotifications },
  "mail-worker": { names: Object.keys(MailWorkerConfig.shape), read: readMailWorker },
  "social-battery": { names: Object.keys(SocialBatteryConfig.shape), read: readSocialBattery },
}

/** What the services know beside their schemas, and what the migrations read. */
export const OTHER_NAMES = ["NODE_ENV", "MIGRATION_DATABASE_URL", "EXAMPLES"]

/** All paths that the gateway of `npm start` sends elsewhere than to auth, by service. */
export const paths: Record<string, string[]> = Object.fromEntries(
  withExamples(gatepost, ["social-battery"]).programs.flatMap(({ name, paths: own }) =>
    own && own.length > 0 ? [[name, own]] : [],
  ),
)
