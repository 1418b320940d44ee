// `npm run contracts`: plays the clients of the five apps against a running Gatepost, or one of its own behind nginx.
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { startFleet, type Topology, topologies } from "@gatepost/fleet"

const USAGE = `usage: npm run contracts [-- <base url>] [--inbox <url of its dev inbox>] [--app <name>] [--backend <name>]
                                 [--topology <names>]

  <base url>              by itself a Gatepost made for this: two processes of each service behind nginx
  --inbox                 http://localhost:$INBOX_PORT by itself
  --app                   jobswipe, jobpath, introgy, samplemind or movr; all of them by itself
  --backend               redis or postgres, for what is made for this: redis by itself
  --topology              standby, sentinel, cluster, pgbouncer, or some of them by commas: what that one stands on
  SERVICE_CLIENT_SECRET   secret of the client \`backend\`; without it no notification is sent

The Gatepost must run with RATE_LIMITS=off. What needs time to pass is left out: \`npm test\` has it.
`
const ROOT = fileURLToPath(new URL("../../../", import.meta.url))
const MOCHA = createRequire(import.meta.url).resolve("mocha/bin/mocha.js")

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    inbox: { type: "string" },
    app: { type: "string", default: "*" },
    backend: { type: "string", default: "redis" },
    topology: { type: "string", default: "" },
  },
})
const [baseUrl] = positionals
const { app, backend } = values
const topology = values.topology.split(",").filter(Boolean)
const isTopology = (names: string[]): names is Topology[] =>
  names.every((name) => topologies.some((one) => one === name))
if (
  (baseUrl !== undefined && !URL.canParse(baseUrl)) ||
  !/^([a-z]+|\*)$/.test(app) ||
  (backend !== "redis" && backend !== "postgres") ||
  !isTopology(topology)
) {
  process.stderr.write(USAGE)
  process.exit(2)
}

if (baseUrl) {
  process.exitCode = await play({
    CONTRACT_BASE_URL: baseUrl,
    CONTRACT_INBOX_URL: values.inbox ?? `http://localhost:${process.env.INBOX_PORT ?? 8025}`,
  })
} else {
  const fleet = await startFleet({ backend, copies: 2, topology, settings: { RATE_LIMITS: "off" } })
  process.stdout.write(
    `two processes of each service behind nginx, at ${fleet.url}${topology.map((name) => `, ${name}`).join("")}\n`,
  )
  process.exitCode = await play({
    CONTRACT_BASE_URL: fleet.url,
    CONTRACT_INBOX_URL: fleet.inboxUrl,
    SERVICE_CLIENT_SECRET: fleet.serviceClientSecret,
  }).finally(fleet.stop)
}

async function play(target: Record<string, string>): Promise<number> {
  const mocha = spawn(process.execPath, [MOCHA, `services/auth/dist-test/contracts/${app}.test.js`], {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, ...target },
  })
  const [code] = await once(mocha, "exit")
  return code ?? 1
}
