import { spawn } from "node:child_process"
import { once } from "node:events"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { startService } from "../service-process.js"
import type { Stage } from "../stage.js"
import { type Fault, must } from "./fault.js"

const KEYS = fileURLToPath(new URL("../../../../services/auth/dist/keys.js", import.meta.url))
// A verifier that meets an unknown key may fetch again so long after its last time.
const COOL_DOWN_MS = 31_000

export const signingKeys: Fault = {
  id: "R12",
  promise: "Signing keys rotate unnoticed, and another secret begins no new identity in silence",
  fault:
    "`npm run keys -- rotate`, and when verifiers may have learnt it `rotate --now`, under load; a process is started with another KEY_ENCRYPTION_SECRET",
  expected: "0 failed requests; that start is refused, and says why",
  async inject(stage, rounds) {
    const codes: (number | null)[] = []
    for (let round = 0; round < rounds; round++) {
      codes.push(await rotate(stage, "rotate"))
      await sleep(COOL_DOWN_MS)
      codes.push(await rotate(stage, "rotate", "--now"))
      await sleep(COOL_DOWN_MS / 2)
    }
    const [member] = stage.members("auth")
    const secret = "another secret, as long as the one before it"
    const service = startService("auth", { ...member?.env, PORT: "0", KEY_ENCRYPTION_SECRET: secret })
    const code = await Promise.race([service.exited, service.ready.then(() => 0)])
    await service.stop()
    const isNamed = service.said().includes("KEY_ENCRYPTION_SECRET")
    return [
      must(
        `${codes.length} rotations, exit codes ${codes.join(", ")}`,
        codes.every((each) => each === 0),
      ),
      must(`with another secret: exit ${code}${isNamed ? ", named" : ", not named"}`, code !== 0 && isNamed),
    ]
  },
}

async function rotate({ members, site }: Stage, ...args: string[]): Promise<number | null> {
  const { KEY_ENCRYPTION_SECRET = "" } = members("auth")[0]?.env ?? {}
  const child = spawn(process.execPath, [KEYS, ...args], {
    env: { PATH: process.env.PATH, DATABASE_URL: site.databaseUrl(), KEY_ENCRYPTION_SECRET },
    stdio: ["ignore", "ignore", "inherit"],
  })
  const [code] = await once(child, "exit")
  return code as number | null
}
