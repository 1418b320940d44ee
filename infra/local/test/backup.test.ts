import assert from "node:assert/strict"
import { spawn, spawnSync } from "node:child_process"
import { renameSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { makeFolder, removeFolder } from "./support/folders.js"
import { until } from "./support/until.js"

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url))
const PERSON = { email: "ada@example.com", password: "a fine long passphrase" }

/** All of Gatepost, as `npm start` runs it. */
async function start(dataDir: string) {
  const child = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env.PATH,
      PORT: "0",
      INBOX_PORT: "0",
      DATA_DIR: dataDir,
      EXAMPLES: "",
      LOG_LEVEL: "warn",
      SHUTDOWN_DRAIN_SECONDS: "0",
    },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let output = ""
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text
    })
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve))
  await until(() => child.exitCode !== null || output.includes("curl"))
  const [, url] = /API +(http:\S+)/.exec(output) ?? []
  assert.ok(url, output)
  return {
    url,
    async post(route: string, body: object) {
      const answer = await fetch(`${url}/v1/auth/${route}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      })
      const text = await answer.text()
      assert.ok(answer.ok, `${route}: ${answer.status} ${text}`)
      return JSON.parse(text) as { refresh_token: string }
    },
    async keys() {
      const { keys } = (await (await fetch(`${url}/.well-known/jwks.json`)).json()) as {
        keys: { kid: string }[]
      }
      return keys.map(({ kid }) => kid)
    },
    stop() {
      child.kill("SIGINT")
      return ended
    },
  }
}

// R22
describe("a copy of a stopped DATA_DIR", function () {
  this.timeout(120_000)
  const folder = makeFolder()
  after(() => removeFolder(folder))

  it("is a backup: started elsewhere, it has the accounts, the sessions and the keys", async () => {
    const [original, copy] = [path.join(folder, "original"), path.join(folder, "copy")]
    const first = await start(original)
    const { refresh_token } = await first.post("register", PERSON)
    const keys = await first.keys()
    assert.equal(await first.stop(), 0)

    // With its owners: as root, the database runs as another user.
    assert.equal(spawnSync("cp", ["-a", original, copy]).status, 0)
    // As if the machine were gone.
    renameSync(original, path.join(folder, "gone"))
    const second = await start(copy)
    try {
      assert.deepEqual(await second.keys(), keys)
      await second.post("refresh", { refresh_token })
      await second.post("login", PERSON)
    } finally {
      assert.equal(await second.stop(), 0)
    }
  })
})
