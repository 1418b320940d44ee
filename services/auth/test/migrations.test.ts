import { fileURLToPath } from "node:url"
import { describeMigrations } from "@gatepost/testkit"

describeMigrations({
  schema: "auth",
  directory: fileURLToPath(new URL("../migrations", import.meta.url)),
  role: "gatepost_auth",
  table: "accounts",
})
