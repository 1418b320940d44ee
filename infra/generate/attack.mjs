// The attack suite in its long form: what `npm test` runs of it a little of, many times over. ATTACK_SEED repeats a run.
import { spawnSync } from "node:child_process"

const suites = [
  "services/*/dist-test/contract.test.js",
  "services/*/dist-test/admin/contract.test.js",
  "services/*/dist-test/attack/**/*.test.js",
  "services/*/dist-test/{hosts,limits,logs}.test.js",
  "services/auth/dist-test/sign-in-guard/**/*.test.js",
  "services/auth/dist-test/oidc/{odd-bytes,limits,redirect-uris}.test.js",
  "packages/token-verifier/dist-test/{flood,header,claims}.test.js",
]
const env = { ATTACK_ROUNDS: "200", CONTRACT_TIMING: "full", ...process.env }
const options = ["--timeout", "600000", ...process.argv.slice(2)]
const mocha = ["node_modules/mocha/bin/mocha.js", ...options, ...suites]
const { status } = spawnSync(process.execPath, mocha, { stdio: "inherit", env })
process.exit(status ?? 1)
