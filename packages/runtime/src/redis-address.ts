/** Where Redis is: one server, the servers that Sentinels watch, or a cluster. */
export type RedisAddress = { nodes: RedisNode[]; tls: boolean; username?: string; password?: string } & (
  | { kind: "server" | "cluster" }
  | {
      kind: "sentinel"
      /** What the Sentinels call it. */
      name: string
      db: number
      sentinelUsername?: string
      sentinelPassword?: string
    }
)

/** A server, or a Sentinel. */
export interface RedisNode {
  host: string
  port: number
}

const FORM = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/?#]*)@)?([^@/?#]*)(\/[^?#]*)?(?:\?([^#]*))?$/
const SERVER_PORT = 6379
const SENTINEL_PORT = 26_379

/**
 * Reads a `REDIS_URL`:
 *
 * - `redis://user:password@host:port/db`
 * - `redis+sentinel://user:password@host:port,host:port/name/db?sentinel_username=…&sentinel_password=…`
 * - `redis+cluster://user:password@host:port,host:port`
 *
 * and each with `rediss`, by TLS.
 *
 * @throws Error saying what is wrong with it, never with the password in it
 */
export function readRedisUrl(url: string): RedisAddress {
  const [, scheme, how, login = "", hosts = "", path = "", query = ""] = FORM.exec(url) ?? []
  if (!scheme) {
    throw new Error(
      "must be a URL that starts with redis:// or rediss://, redis+sentinel:// or rediss+sentinel://, redis+cluster:// or rediss+cluster://",
    )
  }
  const common = {
    nodes: hosts.split(",").map((host) => nodeOf(host, how === "sentinel" ? SENTINEL_PORT : SERVER_PORT)),
    tls: scheme === "rediss",
    ...loginOf(login),
  }
  if (how === "sentinel") return { ...common, kind: how, ...watchedOf(path), ...sentinelLoginOf(query) }
  if (how === "cluster") {
    // Redis Cluster has the database 0 alone.
    if (!["", "/", "/0"].includes(path) || query)
      throw new Error("must name hosts alone after redis+cluster://")
    return { ...common, kind: how }
  }
  if (common.nodes.length > 1) {
    throw new Error("must name one host, or start with redis+sentinel:// or redis+cluster://")
  }
  return { ...common, kind: "server" }
}

function nodeOf(text: string, defaultPort: number): RedisNode {
  const url = URL.canParse(`http://${text}`) ? new URL(`redis://${text}`) : undefined
  if (!url?.hostname || url.host !== text) {
    throw new Error("must name its hosts as host:port, more than one separated by commas")
  }
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port) || defaultPort }
}

function loginOf(login: string) {
  const colon = login.indexOf(":")
  const username = decoded(colon < 0 ? login : login.slice(0, colon))
  const password = colon < 0 ? "" : decoded(login.slice(colon + 1))
  return { ...(username && { username }), ...(password && { password }) }
}

function watchedOf(path: string): { name: string; db: number } {
  const [, name, db] = /^\/([^/]+)(?:\/(\d{1,4}))?$/.exec(path) ?? []
  if (!name) {
    throw new Error(
      "must end with the name that the Sentinels know it by, as redis+sentinel://host:26379/name",
    )
  }
  return { name: decoded(name), db: Number(db ?? 0) }
}

function sentinelLoginOf(query: string) {
  const given = new URLSearchParams(query)
  for (const name of given.keys()) {
    if (!["sentinel_username", "sentinel_password"].includes(name)) {
      throw new Error("may have the parameters sentinel_username and sentinel_password alone")
    }
  }
  const sentinelUsername = given.get("sentinel_username")
  const sentinelPassword = given.get("sentinel_password")
  return { ...(sentinelUsername && { sentinelUsername }), ...(sentinelPassword && { sentinelPassword }) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Error("must have user and password percent-encoded")
  }
}
