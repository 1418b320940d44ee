import { inRoot } from "./root.js"

const url = (role: string) => `postgres://${role}:a-password@db.example.com/gatepost`

/** What the scripts that make secrets ask an operator for. */
export const GIVEN = {
  MIGRATION_DATABASE_URL: url("gatepost_owner"),
  AUTH_DATABASE_URL: url("gatepost_auth"),
  NOTIFICATIONS_DATABASE_URL: url("gatepost_notifications"),
  MAIL_DATABASE_URL: url("gatepost_mail"),
  SOCIAL_BATTERY_DATABASE_URL: url("gatepost_social_battery"),
  REDIS_URL: "rediss://redis.example.com",
  SMTP_URL: 'smtp://apikey:SG."x\\y@smtp.sendgrid.net:587'.replace('"', "%22").replace("\\", "%5C"),
  APPS: inRoot("services/auth/apps.example.json"),
}
