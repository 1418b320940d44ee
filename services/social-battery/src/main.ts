import { readConfig } from "./config.js"
import { runProcess } from "./process.js"
import { start } from "./wiring.js"

runProcess(() => start(readConfig(process.env)))
