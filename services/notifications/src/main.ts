import { serve } from "@gatepost/http"
import { runProcess } from "@gatepost/runtime"
import { createNotificationsApp } from "./app.js"
import { readConfig } from "./config.js"
import { wire } from "./wiring.js"

runProcess(() => {
  const parts = wire(readConfig(process.env))
  return serve(createNotificationsApp(parts), parts)
})
