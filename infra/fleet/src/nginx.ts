import { chmodSync, readFileSync, writeFileSync } from "node:fs"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { type ChildServer, serverFolder, startServer } from "@gatepost/testkit"

const RELOAD_MS = 10_000
const POLL_MS = 20
const UNDER_WAY_MS = 200
const CONFIGURATION = new URL("../../docker/gateway/nginx.conf", import.meta.url)
const SHARED = fileURLToPath(new URL("../../nginx/", import.meta.url))

export interface NginxOptions {
  port: number
  inboxPort: number
  /** Where the dev inbox's page is. */
  maildevPort: number
  /** The ports of each service's processes. */
  services: Record<string, number[]>
}

/** Debian's nginx. */
export interface Nginx extends ChildServer {
  /** Sends requests to all processes but these, as an operator does before a stop; resolves when it does. */
  leaveOut(ports: readonly number[]): Promise<void>
}

/** Debian's nginx with the configuration that docker-compose.yml gives its own, several processes to a service. */
export function startNginx(options: NginxOptions): Nginx {
  const folder = serverFolder("nginx")
  // Its workers run as nobody.
  chmodSync(folder, 0o755)
  const file = path.join(folder, "nginx.conf")
  writeFileSync(file, configurationOf(options, folder))
  const server = startServer("nginx", ["-c", file, "-g", "daemon off;"], folder)
  return {
    ...server,
    async leaveOut(ports) {
      writeFileSync(file, configurationOf(options, folder, ports))
      const former = workersOf(server)
      server.signal("SIGHUP")
      await untilShuttingDown(former)
    },
  }
}

const workersOf = ({ pid }: ChildServer) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")

/** Until they take nothing new: before that they send requests by the former configuration. */
async function untilShuttingDown(workers: readonly string[]): Promise<void> {
  const deadline = Date.now() + RELOAD_MS
  while (workers.some(isAtWork)) {
    if (Date.now() > deadline) throw new Error("nginx did not take its new configuration")
    await sleep(POLL_MS)
  }
  await sleep(UNDER_WAY_MS)
}

function isAtWork(worker: string): boolean {
  try {
    return !readFileSync(`/proc/${worker}/cmdline`, "utf8").includes("is shutting down")
  } catch {
    return false
  }
}

function configurationOf(options: NginxOptions, folder: string, left: readonly number[] = []): string {
  const { port, inboxPort, maildevPort, services } = options
  const upstreams = Object.entries(services).map(([name, ports]) => {
    const servers = ports.map(
      (each) => `    server 127.0.0.1:${each} max_fails=0${left.includes(each) ? " down" : ""};\n`,
    )
    return `  upstream ${name} {\n${servers.join("")}  }\n`
  })
  return (
    readFileSync(CONFIGURATION, "utf8")
      .replaceAll("/tmp/", `${folder}/`)
      .replaceAll("include gatepost/", `include ${SHARED}`)
      // Docker's names and its DNS.
      .replace(/ {2}resolver .*;\n/, upstreams.join(""))
      .replaceAll(/\b(auth|notifications|social-battery):\d+;/g, "$1;")
      .replace("maildev:1080", `127.0.0.1:${maildevPort}`)
      .replace("listen 8000", `listen 127.0.0.1:${port}`)
      .replace("listen 8025", `listen 127.0.0.1:${inboxPort}`)
      // A process that can't be reached at all is no reason to fail, where there is another.
      .replace("proxy_next_upstream off", "proxy_next_upstream error timeout")
  )
}
