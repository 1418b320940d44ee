import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { testDatabase } from "@gatepost/testkit"
import { type Api, createApi } from "./api.js"
import { createInbox, type Inbox } from "./inbox.js"

/** Where an app's client is played: a whole Gatepost, with its gateway and a real inbox. */
export interface Stage {
  url: string
  api: Api
  inbox: Inbox
  /** Of the client `backend`, which sends notifications; unknown at a stage that somebody else set. */
  serviceClientSecret: string | undefined
  /** Lets time pass for what is stored; none at a stage that somebody else set. */
  elapse: ((seconds: number) => Promise<void>) | undefined
  strike(): Promise<void>
}

const GATEPOST = fileURLToPath(new URL("../../../../../infra/local/dist/main.js", import.meta.url))
const SERVICE_CLIENT_SECRET = "contract-service-client-0123456789"
const START_MS = 60_000

/**
 * Starts a Gatepost for this app alone, as `npm start` does; with CONTRACT_BASE_URL the one that runs there is
 * used, and the app is named by `X-Client-Id`, since all five share that URL.
 *
 * @param test mocha's `this`
 */
export async function setStage(test: Mocha.Context, app: string): Promise<Stage> {
  test.timeout(START_MS)
  const { CONTRACT_BASE_URL: url, CONTRACT_INBOX_URL: inboxUrl } = process.env
  if (!url) return ownStage(app)
  return {
    url,
    api: createApi(url, { "X-Client-Id": app }),
    inbox: createInbox(inboxUrl ?? "http://localhost:8025"),
    serviceClientSecret: process.env.SERVICE_CLIENT_SECRET,
    elapse: undefined,
    strike: async () => {},
  }
}

async function ownStage(app: string): Promise<Stage> {
  const db = await testDatabase()
  const folder = mkdtempSync(path.join(tmpdir(), "gatepost-contract-"))
  const gatepost = await start({
    PATH: String(process.env.PATH),
    PORT: "0",
    INBOX_PORT: "0",
    DATA_DIR: folder,
    DATABASE_URL: db.url,
    DEFAULT_APP: app,
    SERVICE_CLIENT_SECRET,
    RATE_LIMITS: "off",
    ARGON2_MEMORY_KIB: "1024",
    ARGON2_PASSES: "1",
    LOG_LEVEL: "warn",
    // Introgy's own resource service.
    EXAMPLES: app === "introgy" ? "social-battery" : "",
  })
  return {
    url: gatepost.url,
    api: createApi(gatepost.url),
    inbox: createInbox(gatepost.inboxUrl),
    serviceClientSecret: SERVICE_CLIENT_SECRET,
    elapse: db.elapse,
    async strike() {
      await gatepost.stop()
      await db.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function start(env: Record<string, string>) {
  const child = spawn(process.execPath, [GATEPOST], { env, stdio: ["ignore", "pipe", "pipe"] })
  const end = () => void child.kill("SIGINT")
  process.once("exit", end)
  const ended = once(child, "close")

  let output = ""
  const urlOf = (name: string) => new RegExp(`${name} +(http:\\S+)`).exec(output)?.[1]
  const ready = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text
        if (output.includes("curl")) resolve()
      })
    }
  })
  await Promise.race([ready, ended])
  const [url, inboxUrl] = [urlOf("API"), urlOf("Dev inbox")]
  if (!url || !inboxUrl) throw new Error(`Gatepost did not start: ${output}`)
  return {
    url,
    inboxUrl,
    async stop() {
      process.off("exit", end)
      end()
      await ended
    },
  }
}
