// Begins `npm start`, `npm test` and the like, so that a fresh clone needs nothing else: installs and builds what is
// missing, then runs the file that it is given. Node's own modules only; says nothing and takes some milliseconds
// when nothing has changed.
import { fileURLToPath } from "node:url"

const [major, minor] = process.versions.node.split(".").map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Gatepost needs Node 20.19 or newer, and this is ${process.version}.`)
  process.exit(1)
}

const { bootstrap } = await import("./bootstrap/bootstrap.mjs")
const root = new URL("../../", import.meta.url)
await bootstrap(root)

const [node, , script, ...args] = process.argv
if (script) {
  const url = new URL(script, root)
  process.argv = [node, fileURLToPath(url), ...args]
  await import(url.href)
}
