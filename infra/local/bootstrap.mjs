// Runs before `npm start`, `npm test` and the like, so that a fresh clone needs nothing else. Node's own
// modules only; says nothing and takes some milliseconds when nothing has changed.
const [major, minor] = process.versions.node.split(".").map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Gatepost needs Node 20.19 or newer, and this is ${process.version}.`)
  process.exit(1)
}

const { bootstrap } = await import("./bootstrap/bootstrap.mjs")
await bootstrap(new URL("../../", import.meta.url))
