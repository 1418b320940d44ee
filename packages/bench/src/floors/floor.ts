import { fileURLToPath } from "node:url"
import type { Server } from "../http-subject.js"
import type { Workload } from "../load/workload.js"
import { startNode } from "../processes/start-node.js"

type Floor =
  | "argon2id"
  | "express-hello"
  | "express-page"
  | "jsonwebtoken-route"
  | "postgres-commit"
  | "rs256"

/** Starts one of the floors of this folder. */
export const startFloor = (floor: Floor, args: string[] = []): Promise<Server> =>
  startNode({ name: floor, script: fileURLToPath(new URL(`./${floor}.js`, import.meta.url)), args })

/** The request that a floor answers. */
export const floorLoad =
  (method: Workload["method"], connections: number) =>
  async ({ url }: Server): Promise<Workload> => ({ url: `${url}/`, method, expect: 200, connections })
