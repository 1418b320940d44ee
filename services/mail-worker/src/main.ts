import { runProcess } from "@gatepost/runtime"
import { readConfig } from "./config.js"
import { startMailWorker } from "./wiring.js"

runProcess(() => startMailWorker(readConfig()))
