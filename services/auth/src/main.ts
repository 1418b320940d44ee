import { createLogger, runProcess } from "@gatepost/runtime"
import { startTracing } from "@gatepost/tracing"
import { readConfig } from "./config.js"

runProcess(async () => {
  const config = readConfig(process.env)
  // Loaded only now: a bad setting is told at once, and alone.
  // One after the other: jwks-rsa requires jose, which Node refuses while another import is loading it.
  const { serve } = await import("@gatepost/http")
  const { wire } = await import("./wiring.js")
  const { openAdminPort } = await import("./admin-port.js")
  const { createAuthApp } = await import("./app.js")
  const tracing = await startTracing("auth", config, createLogger("auth", config.LOG_LEVEL))
  const parts = await wire(config)
  const adminPort = await openAdminPort(parts)
  const close = async () => {
    await adminPort?.stop()
    await parts.close()
    await tracing.stop()
  }
  return serve(await createAuthApp(parts), { ...parts, close })
})
