import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { assignmentsOf, inRoot } from "./root.js"

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

/** In place of flyctl: keeps in files what it is told of each app, and lists it. */
export function flyStandIn() {
  const folder = mkdtempSync(path.join(tmpdir(), "gatepost-fly-"))
  const script = `#!/bin/sh
    case $2 in
      list) cat "${folder}/$4" 2>/dev/null || : ;;
      import) cat > "${folder}/$5" ;;
    esac`
  writeFileSync(path.join(folder, "fly"), script)
  chmodSync(path.join(folder, "fly"), 0o755)
  return {
    path: `${folder}:${process.env.PATH}`,
    /** Where an operator may stand. */
    newFolder: () => mkdtempSync(path.join(folder, "operator-")),
    remove: () => rmSync(folder, { recursive: true }),
    secretsOf: (app: string) => assignmentsOf(readFileSync(path.join(folder, app), "utf8")),
  }
}
