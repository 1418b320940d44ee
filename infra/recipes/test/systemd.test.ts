import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { needs } from "@gatepost/testkit"
import { inRoot, readText } from "./support/root.js"
import { GIVEN } from "./support/secrets.js"

const UNIT = inRoot("infra/systemd/gatepost@.service")
const SCRIPT = inRoot("infra/systemd/setup-server.sh")
const isDebian = existsSync("/etc/debian_version")
const isRoot = process.getuid?.() === 0

describe("a server of one's own", () => {
  // check 124
  it("has units that systemd takes, and finds hardly exposed", function () {
    needs(this, "systemd-analyze", ["--version"], "needs systemd: apt-get install systemd")
    const verified = spawnSync("systemd-analyze", ["verify", UNIT], { encoding: "utf8" })
    assert.deepEqual([verified.status, verified.stderr], [0, ""])
    // In tenths; 9.6 is a unit with no such settings.
    const secured = spawnSync("systemd-analyze", ["security", "--offline=true", "--threshold=15", UNIT])
    assert.equal(secured.status, 0, String(secured.stdout).slice(-80))
  })

  it("is set up by a script that says what it would do, and does nothing", function () {
    if (!isDebian || !isRoot) this.skip()
    const args = ["--domain", "auth.example.com", "--email", "ops@example.com", "--apps", GIVEN.APPS]
    const run = (...more: string[]) =>
      spawnSync("bash", [SCRIPT, ...args, ...more], {
        encoding: "utf8",
        env: { PATH: process.env.PATH, SMTP_URL: GIVEN.SMTP_URL },
      })
    const { status, stdout, stderr } = run("--dry-run")
    assert.equal(status, 0, stderr)
    assert.equal(stderr, "")
    for (const part of [
      "would write: /etc/systemd/system/gatepost@.service",
      "would write: /etc/gatepost/auth.env",
      "would build: /opt/gatepost/releases/",
      "would run: systemctl enable -q gatepost@mail-worker",
      "would run: certbot certonly",
    ])
      assert.ok(stdout.includes(part), part)
    assert.ok(!existsSync("/opt/gatepost") && !existsSync("/etc/gatepost"))
    assert.ok(!stdout.includes(GIVEN.SMTP_URL))
  })

  it("is refused what can't be right, before anything is changed", function () {
    if (!isDebian || !isRoot) this.skip()
    for (const [args, reason] of [
      [[], /--domain is needed/],
      [["--domain", "a b; rm"], /not a domain/],
      [["--domain", "auth..example.com"], /not a domain/],
      [["--domain", "auth.-example.com"], /not a domain/],
      [["--domain", "auth.example.com", "--no-tls"], /--apps is needed/],
      [["--domain", "auth.example.com", "--no-tls", "--apps", GIVEN.APPS], /SMTP_URL is needed/],
      [["--upgrade"], /unknown: --upgrade/],
    ] as const) {
      const refused = spawnSync("bash", [SCRIPT, "--dry-run", ...args], {
        encoding: "utf8",
        env: { PATH: process.env.PATH },
      })
      assert.equal(refused.status, 1)
      assert.match(refused.stderr, reason)
    }
  })

  it("is upgraded and rolled back by the commands that the page names", () => {
    const page = readText("infra/systemd/README.md")
    for (const [option] of readFileSync(SCRIPT, "utf8").matchAll(/^ {2}--[a-z-]+/gm))
      assert.ok(page.includes(option.trim()), `README.md does not know ${option.trim()}`)
  })
})
