import type { Bench } from "../bench.js"
import { CONNECTIONS } from "../connections.js"
import { floorLoad } from "../floors/floor.js"
import { httpSubject, type Server } from "../http-subject.js"
import { CHECKS, startLimiter } from "../ours/limiter.js"
import { hasRedis } from "../parts/redis.js"
import type { Scenario, Subject } from "../scenario.js"

const IN_POSTGRES = "a limit in Postgres"
const IN_REDIS = "a limit in Redis"
/** Of the server's CPU, in milliseconds (issue 7, "Speed"). */
const MOST = 0.3

/** What it costs to ask whether a call may come, apart from the call. */
export function limitsScenario(): Scenario {
  const subjects = [
    ofChecks(IN_POSTGRES, (bench) => startLimiter(bench)),
    ...(hasRedis()
      ? [ofChecks(IN_REDIS, async (bench) => startLimiter(bench, (await bench.redis()).url))]
      : []),
  ]
  return {
    name: "limits",
    title: "Limits",
    unit: "checks",
    subjects,
    comparisons: [],
    limits: subjects.map(({ name }) => ({ subject: name, by: "serverCpu", most: MOST })),
  }
}

/** Counts checks rather than the requests that ask for so many of them. */
function ofChecks(name: string, start: (bench: Bench) => Promise<Server>): Subject {
  const subject = httpSubject(name, start, floorLoad("POST", CONNECTIONS.me))
  return {
    name,
    async start(bench) {
      const running = await subject.start(bench)
      return {
        ...running,
        async measure(seconds) {
          const { count, seconds: took, generatorBusy } = await running.measure(seconds)
          return { count: count * CHECKS, seconds: took, generatorBusy }
        },
      }
    },
  }
}
