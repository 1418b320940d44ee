import { setTimeout as sleep } from "node:timers/promises"
import {
  type Fleet,
  type Member,
  openSite,
  type Site,
  type SiteOptions,
  startFleet,
  type Topology,
} from "@gatepost/fleet"
import { type SmtpSink, smtpSink, startTcpProxy, type TcpProxy } from "@gatepost/testkit"
import { type Balancer, openBalancer } from "./balancer.js"
import { mountDisk } from "./disk.js"
import { type Client, createClient, type Verdict } from "./load/client.js"
import { type Journal, openJournal } from "./load/journal.js"
import { createLoad, type Load } from "./load/load.js"
import type { World } from "./load/operations.js"
import type { Random } from "./random.js"
import type { Trouble } from "./trouble.js"

/** What a fault needs otherwise than the others. */
export interface StageNeeds {
  /** Of all processes. */
  settings?: Record<string, string>
  topology?: readonly Topology[]
  site?: SiteOptions
  /** PostgreSQL's data are on a disk of that size. */
  diskMegabytes?: number
  /** The entry: nginx as shipped, or a load balancer that asks `/readyz`. */
  entry?: "nginx" | "balancer"
  /** The services reach PostgreSQL by way of a proxy. */
  postgresProxy?: boolean
}

/** A whole installation with people in it, and the handles to break it. */
export interface Stage {
  fleet: Fleet
  site: Site
  mailbox: SmtpSink
  /** The folder of PostgreSQL's disk, where it was asked for. */
  disk: string | undefined
  /** In front of PostgreSQL, where it was asked for. */
  postgres: TcpProxy | undefined
  world: World
  client: Client
  journal: Journal
  load: Load
  random: Random
  troubles: Trouble[]
  /** The processes of these services, or all. */
  members(...services: string[]): Member[]
  /** Breaks something; what clients may see of it until so long after. */
  during<Result>(allows: readonly Verdict[], graceMs: number, work: () => Promise<Result>): Promise<Result>
  /** How long until the next good answer to one of these operations, in ms; throws where there is none. */
  untilGood(...ops: string[]): Promise<number>
  log(text: string): void
  close(): Promise<void>
}

const PEOPLE = 12
const POLL_MS = 20
const RECOVERY_MS = 120_000
const SETTINGS = {
  RATE_LIMITS: "off",
  // The least: what is measured here is what is lost, and two cores are to do it all.
  ARGON2_MEMORY_KIB: "1024",
  ARGON2_PASSES: "1",
  DB_POOL_SIZE: "8",
}

export async function openStage(
  needs: StageNeeds,
  random: Random,
  log: (text: string) => void,
): Promise<Stage> {
  const closing: Closing[] = []
  try {
    return await furnish(needs, random, log, closing)
  } catch (cause) {
    await closeAll(closing, log)
    throw cause
  }
}

type Closing = () => unknown

/** What was opened last goes first; one that fails keeps none of the others open. */
async function closeAll(closing: readonly Closing[], log: (text: string) => void): Promise<void> {
  for (const close of closing.toReversed()) {
    try {
      await close()
    } catch (cause) {
      log(`not closed: ${(cause as Error).message}`)
    }
  }
}

/** Notes how to close each thing as it opens it. */
async function furnish(
  needs: StageNeeds,
  random: Random,
  log: (text: string) => void,
  closing: Closing[],
): Promise<Stage> {
  const mailbox = await smtpSink()
  closing.push(mailbox.close)
  const disk = needs.diskMegabytes ? mountDisk(needs.diskMegabytes) : undefined
  closing.push(() => disk?.unmount())
  const own = await openSite("redis", needs.topology, { ...needs.site, ...(disk && { dir: disk.folder }) })
  const proxy = needs.postgresProxy ? await startTcpProxy(own.databaseUrl()) : undefined
  closing.push(() => proxy?.close())
  const fleet = await startFleet({
    backend: "redis",
    copies: 2,
    examples: [],
    site: proxy ? throughProxy(own, proxy) : own,
    settings: { ...SETTINGS, SMTP_URL: mailbox.url, ...needs.settings },
  })
  closing.push(fleet.stop)
  const members = (...services: string[]) =>
    fleet.members.filter(
      ({ name }) => services.length === 0 || services.some((each) => name.startsWith(each)),
    )
  const balancers: Record<string, Balancer> =
    needs.entry === "balancer"
      ? {
          auth: await openBalancer(members("auth")),
          notifications: await openBalancer(members("notifications")),
        }
      : {}
  closing.push(() => Promise.all(Object.values(balancers).map((balancer) => balancer.close())))
  const entryOf = (path: string) =>
    balancers[path.startsWith("/v1/notifications") ? "notifications" : "auth"]?.url ?? fleet.url
  const client = createClient((path) => entryOf(path) + path)
  closing.push(client.close)
  const journal = await openJournal()
  closing.push(journal.close)
  let over = false
  const world: World = {
    client,
    journal,
    mailbox,
    serviceClientSecret: fleet.serviceClientSecret,
    isOver: () => over,
  }
  const giveUp = () => {
    over = true
    proxy?.restore()
  }
  closing.push(giveUp)
  const load = await createLoad(world, random, PEOPLE)
  closing.push(() => load.rest(), giveUp)
  const troubles: Trouble[] = []

  return {
    ...{ fleet, site: own, mailbox, postgres: proxy, world, client, journal, load, random, troubles },
    ...{ members, log, disk: disk?.folder },
    async during(allows, graceMs, work) {
      const trouble = { from: performance.now(), until: Number.POSITIVE_INFINITY, allows }
      troubles.push(trouble)
      return work().finally(() => {
        trouble.until = performance.now() + graceMs
      })
    },
    async untilGood(...ops) {
      const from = performance.now()
      const seen = client.samples.length
      const deadline = from + RECOVERY_MS
      const isOurs = (op: string) => ops.length === 0 || ops.includes(op)
      while (performance.now() < deadline) {
        const found = client.samples
          .slice(seen)
          .find(({ op, verdict, startedAt }) => verdict === "good" && isOurs(op) && startedAt >= from)
        if (found) return found.startedAt + found.ms - from
        await sleep(POLL_MS)
      }
      throw new Error(`no good answer to ${ops.join(" or ") || "anything"} within ${RECOVERY_MS / 1_000} s`)
    },
    close: () => closeAll(closing, log),
  }
}

/** The same, but that the services come to PostgreSQL through the proxy. */
function throughProxy(site: Site, proxy: TcpProxy): Site {
  const { port } = new URL(proxy.url)
  const past = (given: string) => Object.assign(new URL(given), { port }).href
  return {
    ...site,
    databaseUrl: (role) => past(site.databaseUrl(role)),
    directUrl: (role) => past(site.directUrl(role)),
  }
}
