import { clock } from "./clock.js"
import { connections } from "./connections.js"
import { failover } from "./failover.js"
import type { Fault } from "./fault.js"
import { frozen } from "./frozen.js"
import { fullDisk } from "./full-disk.js"
import { gracefulStop } from "./graceful-stop.js"
import { kill } from "./kill.js"
import { longRun } from "./long-run.js"
import { migrations } from "./migrations.js"
import { overload } from "./overload.js"
import { postgresRestart } from "./postgres-restart.js"
import { probes } from "./probes.js"
import { redisTrouble } from "./redis-trouble.js"
import { retries } from "./retries.js"
import { signingKeys } from "./signing-keys.js"
import { slowDatabase } from "./slow-database.js"
import { slowloris } from "./slowloris.js"
import { startOrder } from "./start-order.js"
import { uncaught } from "./uncaught.js"

/** By their numbers in SECURITY.md section 4; proofs.ts has those that something else puts to the proof. */
export const faults: readonly Fault[] = [
  gracefulStop,
  probes,
  postgresRestart,
  failover,
  redisTrouble,
  kill,
  retries,
  clock,
  signingKeys,
  migrations,
  fullDisk,
  slowloris,
  slowDatabase,
  connections,
  overload,
  frozen,
  longRun,
  uncaught,
  startOrder,
]
