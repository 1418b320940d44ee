import { writeFileSync } from "node:fs"
import path from "node:path"
import { guardedLoad } from "../parts/guarded-load.js"
import { startNode } from "../processes/start-node.js"
import { installPackages } from "./install-packages.js"
import type { Peer } from "./peer.js"

/** What differs between those who guard an Express route. */
export interface Guard {
  name: string
  note: string
  /** Of exact versions; Express comes with them. */
  packages: string[]
  /** Of its program, which has `issuer`, `audience` and `jwksUri`; makes `guard`, the middleware. */
  source: string
}

const program = (source: string) => `
import express from "express"
const [issuer, audience, jwksUri] = process.argv.slice(2)
${source}
const app = express().disable("x-powered-by").disable("etag")
app.get("/", guard, (_req, res) => void res.json({ hello: "world" }))
const server = app.listen(0, "127.0.0.1", () => process.send({ type: "ready", port: server.address().port }))
process.on("disconnect", () => process.exit())
`

/** A peer of the protected route alone: our Express, its guard. */
export const guardPeer = ({ name, note, packages, source }: Guard): Peer => ({
  name,
  note,
  install: (cacheDir) => installPackages(cacheDir, ["express@5.3.0", ...packages]),

  async start({ cacheDir, keyServer }) {
    const { issuer, audience, jwksUrl } = await keyServer()
    const script = path.join(cacheDir, "server.mjs")
    writeFileSync(script, program(source))
    const env = { NODE_ENV: "production" }
    return startNode({ name, script, args: [issuer, audience, jwksUrl], env })
  },

  scenarios: { protectedRoute: guardedLoad(1) },
})
