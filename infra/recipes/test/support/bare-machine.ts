import { spawnSync } from "node:child_process"
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { inRoot } from "./root.js"

/** A machine for setup-server.sh: folders of its own in place of this one's, and stand-ins for what needs an init or a network. */
export interface BareMachine {
  /** Runs the clone's setup-server.sh in it. */
  setUp(args?: string[], env?: Record<string, string>): { status: number | null; output: string }
  /** Where this machine has what that one has at an absolute path. */
  path(absolute: string): string
  read(absolute: string): string
  write(absolute: string, text: string, mode?: number): void
  /** Changes the clone that the script is run from. */
  commit(file: string, text: string): void
  readonly clone: string
  /** The calls of stand-ins, as `systemctl restart gatepost@auth`; forgets them. */
  calls(): string[]
  remove(): void
}

const FOLDERS = ["/etc", "/opt", "/run/systemd", "/var/cache", "/var/www"]

/** Stand-ins whose environment goes into /opt/<name>.environment. */
export const BUILDERS = ["npm", "npx"]

const STAND_INS: Record<string, string> = {
  "apt-get": "",
  certbot:
    "mkdir -p /etc/letsencrypt/live/auth.example.com && touch /etc/letsencrypt/live/auth.example.com/{fullchain,privkey}.pem",
  nginx: "",
  // Dies where a test wants the script's end in the middle of it.
  systemctl: '[ "$*" != "$(cat /etc/dies-at 2>/dev/null)" ] || { rm /etc/dies-at; kill -9 $PPID; }',
  "dpkg-query": "echo install ok installed",
  // For its calls alone.
  grep: 'exec /usr/bin/grep "$@"',
  // No service gets ready with a release or settings that have this word.
  curl: "! grep -qs unbearable /etc/gatepost/*.env /etc/gatepost/apps.json /opt/gatepost/current/version",
  ...Object.fromEntries(BUILDERS.map((name) => [name, `env >/opt/${name}.environment`])),
}

export const canBeMade = (): boolean =>
  process.getuid?.() === 0 &&
  spawnSync("unshare", ["--mount", "mount", "--bind", "/opt", "/opt"]).status === 0

export function bareMachine(): BareMachine {
  const machine = mkdtempSync(path.join(tmpdir(), "gatepost-machine-"))
  const at = (absolute: string) => path.join(machine, absolute)
  const bin = at("/bin")
  const clone = at("/clone")
  for (const folder of [...FOLDERS, "/run/systemd/system", "/bin"]) mkdirSync(at(folder), { recursive: true })
  chmodSync(machine, 0o755)
  chmodSync(at("/opt"), 0o777)
  spawnSync("cp", ["-a", "/etc/.", at("/etc")])
  for (const folder of ["/etc/gatepost", "/etc/nginx", "/etc/letsencrypt"])
    rmSync(at(folder), { recursive: true, force: true })
  for (const folder of ["sites-available", "sites-enabled"])
    mkdirSync(at(`/etc/nginx/${folder}`), { recursive: true })
  mkdirSync(at("/etc/gatepost"))
  writeFileSync(at("/opt/calls"), "")
  chmodSync(at("/opt/calls"), 0o666)
  for (const [name, does] of Object.entries(STAND_INS))
    writeFileSync(path.join(bin, name), `#!/bin/bash\necho "${name} $*" >>/opt/calls\n${does}\n`, {
      mode: 0o755,
    })

  const git = (...args: string[]) => spawnSync("git", ["-C", clone, ...args])
  for (const folder of ["infra/systemd", "infra/nginx"])
    cpSync(inRoot(folder), path.join(clone, folder), { recursive: true })
  git("init", "-q")
  const commit = (file: string, text: string) => {
    mkdirSync(path.dirname(path.join(clone, file)), { recursive: true })
    writeFileSync(path.join(clone, file), text)
    git("add", ".")
  }
  commit("version", "1\n")
  commit("packages/package.json", "{}\n")
  commit(
    "infra/docker/migrate.mjs",
    'import { existsSync } from "node:fs"\nprocess.exit(existsSync("/etc/no-migrations") ? 1 : 0)\n',
  )

  return {
    clone,
    commit,
    path: at,
    read: (absolute) => readFileSync(at(absolute), "utf8"),
    write: (absolute, text, mode = 0o600) => writeFileSync(at(absolute), text, { mode }),
    setUp(args = [], env = {}) {
      const binds = FOLDERS.map((folder) => `mount --bind "${at(folder)}" ${folder}`).join(" && ")
      const script = path.join(clone, "infra/systemd/setup-server.sh")
      const { status, signal, stdout, stderr } = spawnSync(
        "unshare",
        ["--mount", "bash", "-c", `${binds} && bash "$0" "$@"`, script, ...args],
        {
          cwd: clone,
          encoding: "utf8",
          stdio: ["ignore", "pipe", "pipe"],
          env: { PATH: `${bin}:${process.env.PATH}`, ...env },
        },
      )
      return { status: signal ? null : status, output: stdout + stderr }
    },
    calls() {
      const calls = readFileSync(at("/opt/calls"), "utf8").split("\n").filter(Boolean)
      writeFileSync(at("/opt/calls"), "")
      return calls
    },
    remove: () => rmSync(machine, { recursive: true, force: true }),
  }
}
