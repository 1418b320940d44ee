import { runProcess } from "@gatepost/runtime"
import { readConfig } from "./config.js"

runProcess(async () => {
  const config = readConfig(process.env)
  // Loaded only now: a bad setting is told at once, and alone.
  const [{ serve }, { openAdminPort }, { createAuthApp }, { wire }] = await Promise.all([
    import("@gatepost/http"),
    import("./admin-port.js"),
    import("./app.js"),
    import("./wiring.js"),
  ])
  const parts = await wire(config)
  const adminPort = await openAdminPort(parts)
  const close = async () => {
    await adminPort?.stop()
    await parts.close()
  }
  return serve(await createAuthApp(parts), { ...parts, close })
})
