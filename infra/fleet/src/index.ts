export { type Fleet, type FleetOptions, startFleet } from "./fleet.js"
export { createMember, type Exit, type Member } from "./member.js"
export { type PgBouncer, startPgBouncer } from "./pgbouncer.js"
export { type RedisCluster, startRedisCluster } from "./redis-cluster.js"
export { type SentinelRedis, startSentinel } from "./sentinel.js"
export {
  type Backend,
  openSite,
  type Site,
  type SiteOptions,
  type Topology,
  topologies,
} from "./site.js"
export { createStandby, type ReplicatedPostgres } from "./standby.js"
