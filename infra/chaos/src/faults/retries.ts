import { randomUUID } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import { startTcpProxy } from "@gatepost/testkit"
import { type Client, createClient, type Json } from "../load/client.js"
import { serviceToken } from "../load/operations.js"
import type { Stage } from "../stage.js"
import { type Fault, type Finding, must } from "./fault.js"

const SIDE_BY_SIDE = 20
const INSIST_MS = 60_000

export const retries: Fault = {
  id: "R7",
  promise: "One effect per retry",
  fault:
    "the connection is cut after the request was sent, and after the server's commit; a process is killed and Redis flushed; then the same `Idempotency-Key` again, 20 times at once on both processes",
  expected: "the same status and body, one row, one mail; another body with the same key is refused with 422",
  async inject(stage, rounds) {
    const target = new URL(stage.fleet.url)
    // The name stays: the services know themselves by it.
    const proxy = await startTcpProxy(stage.fleet.url)
    target.port = new URL(proxy.url).port
    const cutClient = createClient((path) => target.origin + path, 1)
    const results: Finding[] = []
    let unanswered = 0
    try {
      for (let round = 0; round < rounds; round++) {
        for (const when of ["sent", "committed"] as const) {
          for (const subject of [registration(), notification(stage, await serviceToken(stage.world))]) {
            if (when === "committed") void proxy.holdAnswers(0)
            const lost = cutClient.call({ ...subject, expect: [201] })
            await sleep(when === "sent" ? 5 + stage.random.below(20) : 400)
            proxy.cut()
            const { answer } = await lost
            unanswered += Number(answer === undefined)
            proxy.restore()
            await stage.site.flushRedis()
            const [victim] = stage.members(subject.service)
            if (victim && when === "committed") await stage.during(["unavailable"], 500, () => victim.kill())
            results.push(...(await sendAgain(stage.client, subject, when)))
          }
        }
      }
    } finally {
      cutClient.close()
      await proxy.close()
    }
    const broken = results.filter(({ broken }) => broken)
    return [
      ...broken,
      must(
        `${unanswered} of ${rounds * 4} answers lost, ${results.length - broken.length} of ${results.length} comparisons equal`,
        broken.length === 0 && unanswered > 0,
      ),
    ]
  },
}

interface Subject {
  service: string
  op: string
  path: string
  token?: string
  headers: Record<string, string>
  json: Json
}

/** The same again, many times at once; and once with another body. */
async function sendAgain(client: Client, subject: Subject, when: string): Promise<Finding[]> {
  // Without an answer where the first one still works on it: then once more.
  const insist = async (): Promise<string> => {
    for (const deadline = Date.now() + INSIST_MS; Date.now() < deadline; await sleep(100)) {
      const { answer } = await client.call({ ...subject, expect: [201, 409] })
      if (answer?.status === 201) return JSON.stringify(answer.body)
    }
    return `none in ${INSIST_MS / 1_000} s`
  }
  const bodies = new Set(await Promise.all(Array.from({ length: SIDE_BY_SIDE }, insist)))
  const other = { ...subject.json, title: "another", name: "Another" }
  const { answer: refused } = await client.call({
    ...subject,
    op: "another body",
    json: other,
    expect: [422],
  })
  return [
    must(
      `${subject.op}, cut when ${when}: ${bodies.size} different answers: ${[...bodies].join(", ").slice(0, 300)}`,
      bodies.size === 1 && [...bodies].every((body) => body.startsWith("{")),
    ),
    must(`${subject.op}: another body was not refused`, refused !== undefined),
  ]
}

function registration(): Subject {
  const key = randomUUID()
  return {
    service: "auth",
    op: "register again",
    path: "/v1/auth/register",
    headers: { "Idempotency-Key": key },
    json: { email: `again-${key}@example.com`, password: "a few plain words" },
  }
}

function notification(stage: Stage, token: string): Subject {
  const key = randomUUID()
  return {
    service: "notifications",
    op: "send again",
    path: "/v1/notifications",
    token,
    headers: { "Idempotency-Key": key },
    json: { user_id: stage.load.people[0]?.id ?? "", title: key, body: "Once." },
  }
}
