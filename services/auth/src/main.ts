import { runProcess } from "@gatepost/runtime"
import { readConfig } from "./config.js"

runProcess(async () => {
  const config = readConfig(process.env)
  // Loaded only now: a bad setting is told at once, and alone.
  const [{ serve }, { createAuthApp }, { wire }] = await Promise.all([
    import("@gatepost/http"),
    import("./app.js"),
    import("./wiring.js"),
  ])
  const parts = await wire(config)
  return serve(await createAuthApp(parts), parts)
})
