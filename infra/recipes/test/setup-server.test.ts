import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import path from "node:path"
import { type BareMachine, BUILDERS, bareMachine, canBeMade } from "./support/bare-machine.js"
import { GIVEN } from "./support/secrets.js"

const ARGS = ["--domain", "auth.example.com", "--email", "ops@example.com", "--apps", GIVEN.APPS]
const RESTARTS = ["auth", "notifications", "mail-worker"].map((name) => `systemctl restart gatepost@${name}`)
const OF_EVERY_PROCESS = ["DEBIAN_FRONTEND", "HOME", "LANG", "OLDPWD", "PATH", "PWD", "SHLVL", "TERM", "_"]

describe("a server of one's own, set up again and again", () => {
  let machine: BareMachine

  const restarts = () => machine.calls().filter((call) => call.startsWith("systemctl restart"))
  const current = () => readlinkSync(machine.path("/opt/gatepost/current"))
  const previous = () => readlinkSync(machine.path("/opt/gatepost/previous"))
  function assertDone(args: string[] = [], env: Record<string, string> = {}): void {
    const { status, output } = machine.setUp(args, env)
    assert.equal(status, 0, output)
  }
  function assertFails(reason: RegExp, args: string[] = [], env: Record<string, string> = {}): void {
    const { status, output } = machine.setUp(args, env)
    assert.notEqual(status, 0, output)
    assert.match(output, reason)
  }
  function upgrade(version: string): void {
    machine.commit("version", `${version}\n`)
  }

  beforeEach(function () {
    if (!existsSync("/etc/debian_version") || !canBeMade()) this.skip()
    machine = bareMachine()
    // A PostgreSQL elsewhere.
    machine.write(
      "/etc/gatepost/gatepost.env",
      Object.entries(GIVEN)
        .filter(([name]) => name.endsWith("DATABASE_URL"))
        .map(([name, value]) => `${name}='${value}'\n`)
        .join(""),
    )
    assertDone(ARGS, { SMTP_URL: GIVEN.SMTP_URL })
    assert.deepEqual(restarts(), RESTARTS)
  })
  afterEach(() => machine?.remove())

  it("restarts nothing where nothing changed", () => {
    assertDone()
    assert.deepEqual(restarts(), [])
  })

  it("restarts what the run before could not, as it was killed", () => {
    const first = current()
    upgrade("2")
    machine.write("/etc/dies-at", "restart gatepost@auth")
    assertFails(/^building/)
    assert.deepEqual(restarts(), [RESTARTS[0]])
    assertDone()
    assert.deepEqual(restarts(), RESTARTS)
    assert.equal(previous(), first)
    assertDone()
    assert.deepEqual(restarts(), [])
  })

  it("restarts for settings that a run wrote whose migrations failed", () => {
    machine.write("/etc/no-migrations", "")
    assertFails(/^wrote \/etc\/gatepost\/mail-worker\.env$/m, [], { SMTP_URL: "smtp://new.example.com" })
    assert.deepEqual(restarts(), [])
    rmSync(machine.path("/etc/no-migrations"))
    assertDone()
    assert.deepEqual(restarts(), RESTARTS)
  })

  it("goes back to the release before where the new one does not get ready", () => {
    const first = current()
    upgrade("2")
    assertDone()
    const second = current()
    upgrade("unbearable")
    assertFails(/releases\/\w+ did not get ready, releases\/\w+ runs again/)
    assert.deepEqual([current(), previous()], [second, first])
    assert.deepEqual(restarts().slice(-RESTARTS.length), RESTARTS)
  })

  it("goes back to what ran before a run that was killed", () => {
    const first = current()
    upgrade("2")
    machine.write("/etc/dies-at", "restart gatepost@auth")
    assertFails(/^building/)
    upgrade("unbearable")
    assertFails(/did not get ready/)
    assert.equal(current(), first)
  })

  it("goes back to the settings before where the services refuse the new ones", () => {
    const settings = machine.read("/etc/gatepost/gatepost.env")
    const env = machine.read("/etc/gatepost/mail-worker.env")
    assertFails(/did not get ready/, ["--examples", "social-battery"], { SMTP_URL: "smtp://unbearable" })
    assert.equal(machine.read("/etc/gatepost/gatepost.env"), settings)
    assert.equal(machine.read("/etc/gatepost/mail-worker.env"), env)
    assert.match(machine.read("/etc/gatepost/refused/mail-worker.env"), /unbearable/)
    const calls = machine.calls()
    assert.ok(calls.includes("systemctl disable -q --now gatepost@social-battery"))
    assert.deepEqual(
      calls.filter((call) => call.startsWith("systemctl restart")).slice(-RESTARTS.length),
      RESTARTS,
    )
    assertDone()
    assert.deepEqual(restarts(), [])
  })

  it("rolls back to the same release, however often it takes", () => {
    const first = current()
    upgrade("2")
    assertDone()
    const second = current()
    machine.write("/etc/dies-at", "restart gatepost@notifications")
    assert.equal(machine.setUp(["--rollback"]).status, null)
    machine.calls()
    assertDone(["--rollback"])
    assert.deepEqual(restarts(), RESTARTS)
    assert.deepEqual([current(), previous()], [first, second])
    assertDone(["--rollback"])
    assert.deepEqual([current(), previous()], [second, first])
  })

  it("leaves the apps as they are where the new ones are no list of apps", () => {
    const apps = machine.read("/etc/gatepost/apps.json")
    for (const [text, reason] of [
      ['[{ "client_id": "one" },]', /SyntaxError/],
      ["[]", /no list of apps/],
      ['{ "client_id": "one" }', /no list of apps/],
      ['[{ "client_name": "One" }]', /no list of apps/],
    ] as const) {
      machine.write("/etc/new-apps.json", text)
      for (const more of [["--dry-run"], []]) assertFails(reason, ["--apps", "/etc/new-apps.json", ...more])
    }
    assert.equal(machine.read("/etc/gatepost/apps.json"), apps)
    assertDone()
    assert.deepEqual(restarts(), [])
  })

  it("has certbot's certificate, and never replaces one of the operator's", () => {
    const tls = (file: string) => machine.path(`/etc/gatepost/tls/${file}`)
    const certbots = "/etc/letsencrypt/live/auth.example.com/fullchain.pem"
    assert.equal(readlinkSync(tls("fullchain.pem")), certbots)
    for (const file of ["fullchain.pem", "privkey.pem"]) {
      rmSync(tls(file))
      machine.write(`/etc/gatepost/tls/${file}`, "my own")
    }
    machine.calls()
    assertDone()
    assertDone(["--no-tls"])
    // Kept, also while the files are replaced by hand.
    for (const file of ["fullchain.pem", "privkey.pem"]) {
      assert.equal(machine.read(`/etc/gatepost/tls/${file}`), "my own")
      rmSync(tls(file))
    }
    assertDone()
    assert.equal(readlinkSync(tls("fullchain.pem")), "self-signed.pem")
    assert.deepEqual(
      machine.calls().filter((call) => call.startsWith("certbot")),
      [],
    )
  })

  for (const kind of ["a clone of somebody else's", "a folder without git"])
    it(`builds ${kind} without what operators keep there`, () => {
      const release = current()
      if (kind === "a folder without git") rmSync(path.join(machine.clone, ".git"), { recursive: true })
      else spawnSync("chown", ["-R", "12345:12345", machine.clone])
      for (const file of [
        "apps.json",
        "infra/systemd/dkim.pem",
        ".env",
        "auth.local.env",
        "site/index.html",
      ]) {
        mkdirSync(path.dirname(path.join(machine.clone, file)), { recursive: true })
        writeFileSync(path.join(machine.clone, file), readFileSync(GIVEN.APPS))
      }
      assertDone(["--apps", "apps.json"])
      if (kind !== "a folder without git") assert.equal(current(), release)
      const files = readdirSync(machine.path(`/opt/gatepost/${current()}`), { recursive: true })
      assert.deepEqual(files.sort(), [
        "infra",
        "infra/docker",
        "infra/docker/migrate.mjs",
        "infra/nginx",
        "infra/nginx/README.md",
        "infra/nginx/gateway.conf",
        "infra/nginx/routes.conf",
        "infra/nginx/site.conf",
        "infra/systemd",
        "infra/systemd/README.md",
        "infra/systemd/gatepost@.service",
        "infra/systemd/setup-server.sh",
        "packages",
        "packages/package.json",
        "version",
      ])
    })

  it("keeps the operator's own settings from everybody but root", () => {
    machine.write("/etc/gatepost/auth.local.env", "SMTP_URL_FALLBACK='smtp://secret'\n", 0o644)
    assertDone()
    assert.equal(statSync(machine.path("/etc/gatepost/auth.local.env")).mode & 0o777, 0o600)
  })

  it("tells no program a setting, neither by its environment nor by its arguments", () => {
    upgrade("2")
    assertDone([], {
      SMTP_URL: "smtp://new:password@smtp.example.com",
      https_proxy: "http://proxy.example.com",
    })
    for (const name of BUILDERS) {
      const names = machine.read(`/opt/${name}.environment`).matchAll(/^(\w+)=/gm)
      assert.deepEqual(
        [...names].map(([, name = ""]) => name).filter((name) => !OF_EVERY_PROCESS.includes(name)),
        ["https_proxy"],
      )
    }
    assert.match(machine.read("/etc/gatepost/mail-worker.env"), /^SMTP_URL='smtp:\/\/new:password@/m)
    assert.deepEqual(
      machine.calls().filter((call) => call.includes("password")),
      [],
    )
  })

  it("takes settings in quotes, and refuses what the shell would read otherwise", () => {
    const settings = machine.read("/etc/gatepost/gatepost.env")
    const url = "redis+sentinel://a:1,b:2/name/0?sentinel_username=u&sentinel_password=p"
    for (const line of [
      `REDIS_URL=${url}`,
      "REDIS_URL=$(id)",
      'REDIS_URL="$HOME"',
      "export A=b",
      "A='b'c'",
      "A=b\r",
    ]) {
      machine.write("/etc/gatepost/gatepost.env", `# mine\n${line}\n${settings}`)
      assertFails(/must have NAME='value' in line 2/)
    }
    assert.deepEqual(restarts(), [])
    machine.write(
      "/etc/gatepost/gatepost.env",
      `${settings}\n# mine\nREDIS_URL='${url}'\nDEFAULT_APP=jobpath\nA="b c"\n`,
    )
    assertDone()
    for (const service of ["auth", "mail-worker", "migrate"])
      assert.ok(machine.read(`/etc/gatepost/${service}.env`).includes(`REDIS_URL='${url}'\n`))
  })
})
