import { gatepost } from "./programs.js"
import { run } from "./run.js"

await run(gatepost, process.env)
