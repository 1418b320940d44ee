import { Cluster, Redis, type RedisOptions } from "ioredis"
import { FailoverConnector } from "./failover-connector.js"
import { type RedisAddress, readRedisUrl } from "./redis-address.js"

/** One server, whoever is it just now, or a cluster: the commands are the same. */
export type RedisClient = Redis | Cluster

/**
 * What a command does while Redis is away: `fail` at once and let the caller do without, `tell` after one more try, or
 * `wait` until it is back.
 */
export type Patience = "fail" | "tell" | "wait"

const CONNECT_TIMEOUT_MS = 3_000
const KEEP_ALIVE_MS = 10_000
// One that hangs costs whoever asks it within a second; the others do without until a new connection answers. No less,
// since an event loop of ours that stalls looks the same.
const HURRIED = { connectTimeout: 1_000, commandTimeout: 500, socketTimeout: 1_000 }
const PATIENT = { connectTimeout: CONNECT_TIMEOUT_MS }
type Waiting = Pick<
  RedisOptions,
  "connectTimeout" | "commandTimeout" | "socketTimeout" | "maxRetriesPerRequest"
>

const waiting: Record<Patience, Waiting> = {
  fail: HURRIED,
  tell: { ...PATIENT, maxRetriesPerRequest: 1 },
  wait: { ...PATIENT, maxRetriesPerRequest: null },
}

/**
 * Opens Redis where `REDIS_URL` says (readRedisUrl); the only place that does. It connects by itself, now or later,
 * and goes where the primary is after a failover. Its `error` events are the caller's.
 *
 * @throws Error as readRedisUrl
 */
export function openRedis(url: string, patience: Patience): RedisClient {
  const address = readRedisUrl(url)
  const options = { ...waiting[patience], keepAlive: KEEP_ALIVE_MS }
  if (address.kind === "cluster")
    return new Cluster(address.nodes, clusterOptions(address, options, patience))
  const alone = { ...options, enableOfflineQueue: patience !== "fail", reconnectOnError: resendElsewhere }
  return address.kind === "sentinel"
    ? new Redis({ ...alone, ...loginOf(address), ...sentinelOptions(address) })
    : new Redis(url, alone)
}

const loginOf = ({ username, password, tls }: RedisAddress) => ({
  ...(username && { username }),
  ...(password && { password }),
  ...(tls && { tls: {} }),
})

// A former primary that became a replica: what it refuses is sent again over a new connection. Inside a script the
// refusal stands at its end.
const resendElsewhere = ({ message }: Error) => (message.includes("READONLY") ? 2 : false)

function sentinelOptions(address: RedisAddress & { kind: "sentinel" }) {
  const { nodes, name, db, sentinelUsername, sentinelPassword, tls } = address
  return {
    sentinels: nodes,
    name,
    db,
    ...(sentinelUsername && { sentinelUsername }),
    ...(sentinelPassword && { sentinelPassword }),
    ...(tls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
    sentinelCommandTimeout: CONNECT_TIMEOUT_MS,
    // A primary that vanished without a word never closes its connections: the Sentinels tell of the next one.
    failoverDetector: true,
    // The types of ioredis know options of any kind alone.
    Connector: FailoverConnector as unknown as RedisOptions["Connector"],
  }
}

function clusterOptions(address: RedisAddress, options: Waiting, patience: Patience) {
  return {
    redisOptions: { ...options, ...loginOf(address) },
    enableOfflineQueue: patience !== "fail",
    // One to follow a slot that moved; more only where somebody waits.
    ...(patience === "fail" && { maxRedirections: 2, retryDelayOnClusterDown: 0, retryDelayOnFailover: 0 }),
    // A certificate is for the name, which a look-up would replace by its address.
    ...(address.tls && {
      dnsLookup: (host: string, found: (failed: null, address: string) => void) => found(null, host),
    }),
  }
}
