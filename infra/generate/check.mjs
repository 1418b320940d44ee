// The gate: lint, types, generated files in step, tests. Prints what it does; stops at the first failure.
import { spawnSync } from "node:child_process"

const node = process.execPath
const npm = process.env.npm_execpath ? [node, process.env.npm_execpath] : ["npm"]
const steps = [
  ["set-up and types", [node, "infra/local/bootstrap.mjs"]],
  ["lint", [node, "node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings", "."]],
  ["sizes", [node, "infra/generate/dist/check-sizes.js"]],
  ["generated files", [node, "infra/generate/dist/main.js", "--check"]],
  ["tests", [...npm, "test"]],
]

for (const [name, [command, ...args]] of steps) {
  const started = Date.now()
  process.stdout.write(`\n▸ ${name}\n`)
  const { status } = spawnSync(command, args, { stdio: "inherit" })
  if (status !== 0) {
    process.stderr.write(`\ncheck failed at: ${name}\n`)
    process.exit(status ?? 1)
  }
  process.stdout.write(`  ${((Date.now() - started) / 1000).toFixed(1)} s\n`)
}
