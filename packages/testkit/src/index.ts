export { freePort } from "@gatepost/local"
export { describeBounds, type Swept } from "./bounds.js"
export { type RealBrowser, realBrowser, type WatchedPage } from "./browser.js"
export { type ChildServer, needs, serverFolder, startServer } from "./child-server.js"
export { stopCluster } from "./cluster.js"
export { type ContractRoute, type ContractTarget, describeContract, type GoodInput } from "./contract.js"
export { type TestDatabase, testDatabase } from "./database.js"
export {
  asPostgres,
  type DebianPostgres,
  debianPostgres,
  giveAway,
  initPostgres,
  ownFolder,
  unprivileged,
} from "./debian-postgres.js"
export { type DnsServer, startDnsServer } from "./dns-server.js"
export {
  type MailProvider,
  mailProvider,
  type ProvidedMail,
  type ProviderFault,
} from "./mail-provider.js"
export { describeMigrations, type MigratedSchema } from "./migrations.js"
export { type OpenSmtpd, openSmtpd } from "./opensmtpd.js"
export { race } from "./race.js"
export { type RecipePostgres, recipePostgres } from "./recipe-postgres.js"
export { ownRedis, startRedis, testRedis } from "./redis.js"
export {
  hangUp,
  reset,
  type ScriptedSmtp,
  type SmtpAct,
  type SmtpScript,
  say,
  sayAndHangUp,
  scriptedSmtp,
  silence,
} from "./scripted-smtp.js"
export { type SinkMail, type SinkStage, type SmtpSink, smtpSink } from "./smtp-sink.js"
export { startTcpProxy, type TcpProxy } from "./tcp-proxy.js"
export { pause, until } from "./until.js"
