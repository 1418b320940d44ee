import type { Fault } from "./fault.js"
import { gracefulStop } from "./graceful-stop.js"
import { kill } from "./kill.js"
import { postgresRestart } from "./postgres-restart.js"
import { retries } from "./retries.js"

/** By their numbers in SECURITY.md section 4. */
export const faults: readonly Fault[] = [gracefulStop, postgresRestart, kill, retries]
