// The attack suite in its long form: what `npm test` runs of it a little of, many times over. ATTACK_SEED repeats a run.
import { spawnSync } from "node:child_process"

const suites = [
  "services/*/dist-test/contract.test.js",
  "services/*/dist-test/admin/contract.test.js",
  "services/*/dist-test/attack/**/*.test.js",
  // Each by itself: with braces and no star mocha takes a pattern for a name.
  ...["hosts", "limits", "logs"].map((name) => `services/*/dist-test/${name}.test.js`),
  "services/auth/dist-test/sign-in-guard/**/*.test.js",
  ...["odd-bytes", "limits", "redirect-uris"].map((name) => `services/auth/dist-test/oidc/${name}.test.js`),
  ...["flood", "header", "claims"].map((name) => `packages/token-verifier/dist-test/${name}.test.js`),
]
const env = { ATTACK_ROUNDS: "200", CONTRACT_TIMING: "full", ...process.env }
const options = ["--timeout", "600000", ...process.argv.slice(2)]
const mocha = ["node_modules/mocha/bin/mocha.js", ...options, ...suites]
const { status } = spawnSync(process.execPath, mocha, { stdio: "inherit", env })
process.exit(status ?? 1)
