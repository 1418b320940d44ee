import { existsSync } from "node:fs"
import path from "node:path"
import { CLONE } from "./clone.js"
import { gatepost } from "./programs.js"
import { run } from "./run.js"

const ENV_FILE = path.join(CLONE, ".env")
if (existsSync(ENV_FILE)) process.loadEnvFile(ENV_FILE)

await run(gatepost, process.env)
