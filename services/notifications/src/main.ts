import { createLogger, runProcess } from "@gatepost/runtime"
import { startTracing } from "@gatepost/tracing"
import { readConfig } from "./config.js"

runProcess(async () => {
  const config = readConfig(process.env)
  // Loaded only now: a bad setting is told at once, and alone.
  const [{ serve }, { createNotificationsApp }, { wire }] = await Promise.all([
    import("@gatepost/http"),
    import("./app.js"),
    import("./wiring.js"),
  ])
  const tracing = await startTracing("notifications", config, createLogger("notifications", config.LOG_LEVEL))
  const parts = wire(config)
  const close = async () => {
    await parts.close()
    await tracing.stop()
  }
  return serve(createNotificationsApp(parts), { ...parts, close })
})
