import { spawn } from "node:child_process"
import { once } from "node:events"
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"

/** The repository. */
export const CLONE = fileURLToPath(new URL("../../../../", import.meta.url))

/** All of Gatepost, as `npm start` runs it, in a data folder of its own. */
export interface Gatepost {
  url: string
  serviceClientSecret: string
  stop(): Promise<void>
}

export async function startGatepost(): Promise<Gatepost> {
  const folder = mkdtempSync(path.join(tmpdir(), "gatepost-whole-"))
  chmodSync(folder, 0o755)
  const child = spawn(process.execPath, [path.join(CLONE, "infra/local/dist/main.js")], {
    env: {
      PATH: process.env.PATH,
      PORT: "0",
      DATA_DIR: folder,
      // No mail is read here, so the dev inbox need not start.
      SMTP_URL: "smtp://127.0.0.1:1",
      EXAMPLES: "social-battery",
      // What a developer's .env may say otherwise.
      ...Object.fromEntries(
        ["DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "NODE_ENV"].map((name) => [name, ""]),
      ),
    },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let output = ""
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text
        const found = /API +(http:\S+)[\s\S]*Try/.exec(output)
        if (found?.[1]) resolve(found[1])
      })
    }
    child.once("close", () => reject(new Error(`Gatepost did not start: ${output}`)))
  })
  return {
    url,
    serviceClientSecret: readFileSync(path.join(folder, "secrets/SERVICE_CLIENT_SECRET"), "utf8"),
    async stop() {
      child.kill("SIGINT")
      await once(child, "close")
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
