import { fileURLToPath } from "node:url"
import { describeMigrations } from "@gatepost/testkit"

describeMigrations({
  schema: "social_battery",
  directory: fileURLToPath(new URL("../migrations", import.meta.url)),
  role: "gatepost_social_battery",
  table: "batteries",
})
