// `npm run contracts`: plays the clients of the five apps against a running Gatepost.
import { spawnSync } from "node:child_process"
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"

const USAGE = `usage: npm run contracts -- <base url> [--inbox <url of its dev inbox>] [--app <name>]

  --inbox                 http://localhost:$INBOX_PORT by itself
  --app                   jobswipe, jobpath, introgy, samplemind or movr; all of them by itself
  SERVICE_CLIENT_SECRET   secret of the client \`backend\`; without it no notification is sent

The Gatepost must run with RATE_LIMITS=off. What needs time to pass is left out: \`npm test\` has it.
`
const ROOT = fileURLToPath(new URL("../../../", import.meta.url))
const MOCHA = createRequire(import.meta.url).resolve("mocha/bin/mocha.js")

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { inbox: { type: "string" }, app: { type: "string", default: "*" } },
})
const [baseUrl] = positionals
if (!baseUrl || !URL.canParse(baseUrl) || !/^([a-z]+|\*)$/.test(values.app)) {
  process.stderr.write(USAGE)
  process.exit(2)
}
const inbox = values.inbox ?? `http://localhost:${process.env.INBOX_PORT ?? 8025}`
const { status } = spawnSync(
  process.execPath,
  [MOCHA, `services/auth/dist-test/contracts/${values.app}.test.js`],
  {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, CONTRACT_BASE_URL: baseUrl, CONTRACT_INBOX_URL: inbox },
  },
)
process.exitCode = status ?? 1
