import { fileURLToPath } from "node:url"
import { describeMigrations } from "@gatepost/testkit"

describeMigrations({
  schema: "notifications",
  directory: fileURLToPath(new URL("../migrations", import.meta.url)),
  role: "gatepost_notifications",
  table: "inboxes",
})
