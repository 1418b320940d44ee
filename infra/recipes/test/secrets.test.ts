import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { readFileSync, statSync } from "node:fs"
import path from "node:path"
import { loadAll } from "js-yaml"
import type { Secret } from "kubernetes-types/core/v1.js"
import { assignmentsOf, inRoot } from "./support/root.js"
import { flyStandIn, GIVEN } from "./support/secrets.js"

const KEYS = [
  "KEY_ENCRYPTION_SECRET",
  "REFRESH_TOKEN_SECRET",
  "MAIL_ENCRYPTION_SECRET",
  "COOKIE_SECRET",
  "AUTH_IDEMPOTENCY_SECRET",
  "NOTIFICATIONS_IDEMPOTENCY_SECRET",
  "SERVICE_CLIENT_SECRET",
  "VAPID_PRIVATE_KEY",
]
const given = Object.fromEntries(
  KEYS.map((name) => [name, `the-former-${name.toLowerCase()}-of-this-installation`]),
)

describe("the secrets of an installation", () => {
  describe("on Fly", () => {
    const fly = flyStandIn()
    const apps = ["auth", "notifications", "mail-worker", "social-battery"].map((name) => `acme-${name}`)
    const all = () => apps.map(fly.secretsOf)
    const set = (cwd: string, env = {}) =>
      spawnSync(inRoot("infra/fly/set-secrets.sh"), {
        cwd,
        env: { ...GIVEN, PREFIX: "acme", PATH: fly.path, ...env },
        encoding: "utf8",
      })
    const folder = fly.newFolder()
    const file = path.join(folder, ".env.acme")
    let first: ReturnType<typeof all>

    before(() => {
      assert.equal(set(folder).status, 0)
      first = all()
    })
    after(fly.remove)

    it("are kept in a file of the operator's alone", () => {
      assert.equal(statSync(file).mode & 0o777, 0o600)
      const kept = assignmentsOf(readFileSync(file, "utf8"))
      assert.deepEqual(Object.keys(kept), KEYS)
      assert.equal(kept.KEY_ENCRYPTION_SECRET, first[0]?.KEY_ENCRYPTION_SECRET)
    })

    it("stay, where the script runs again with another mail server", () => {
      const SMTP_URL = "smtp://other.example.com:587"
      assert.equal(set(folder, { SMTP_URL }).status, 0)
      assert.deepEqual(
        all(),
        first.map((each) => ("SMTP_URL" in each ? { ...each, SMTP_URL } : each)),
      )
      assert.equal(set(folder).status, 0)
    })

    it("are not made anew, where the file is gone", () => {
      const { status, stderr } = set(fly.newFolder())
      assert.equal(status, 1)
      assert.match(stderr, /acme-auth has its keys/)
      assert.deepEqual(all(), first)
    })

    it("may come from the environment", () => {
      assert.equal(set(fly.newFolder(), given).status, 0)
      const [auth, notifications] = all()
      assert.equal(auth?.KEY_ENCRYPTION_SECRET, given.KEY_ENCRYPTION_SECRET)
      assert.equal(notifications?.IDEMPOTENCY_SECRET, given.NOTIFICATIONS_IDEMPOTENCY_SECRET)
    })
  })

  describe("on Kubernetes", () => {
    const make = (env = {}) => {
      const { status, stdout } = spawnSync(inRoot("infra/kubernetes/make-secrets.sh"), {
        env: { PATH: process.env.PATH, ...GIVEN, ...env },
        encoding: "utf8",
      })
      assert.equal(status, 0)
      return loadAll(stdout) as Secret[]
    }

    it("are those that the environment has", () => {
      const secrets = make(given)
      assert.deepEqual(secrets, make(given))
      const values = new Set(secrets.flatMap(({ stringData }) => Object.values(stringData ?? {})))
      for (const value of Object.values(given)) assert.ok(values.has(value), value)
    })

    it("are others for another installation", () => {
      const [one, other] = [make(), make()].map(([auth]) => auth?.stringData ?? {})
      const same = Object.keys(one ?? {}).filter((name) => one?.[name] === other?.[name])
      assert.deepEqual(same, ["DATABASE_URL", "REDIS_URL"])
    })
  })
})
