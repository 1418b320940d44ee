import { readConfig } from "./config.js"
import { runProcess } from "./process.js"
import { start } from "./start.js"

runProcess(() => start(readConfig(process.env)))
