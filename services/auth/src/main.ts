import { serve } from "@gatepost/http"
import { runProcess } from "@gatepost/runtime"
import { createAuthApp } from "./app.js"
import { readConfig } from "./config.js"
import { wire } from "./wiring.js"

runProcess(async () => {
  const parts = await wire(readConfig(process.env))
  return serve(createAuthApp(parts), parts)
})
