import { Problem, type RequestContext, wideNetworkOf } from "@gatepost/http"
import type { Outbox } from "@gatepost/mail-queue"
import type { Database, Db } from "@gatepost/postgres"
import { randomToken, sha256 } from "@gatepost/runtime"
import { type Account, accountsRepository } from "../accounts/index.js"
import type { Apps } from "../apps/index.js"
import { insertAuditEvent } from "../audit/index.js"
import { approvalsRepository } from "./approvals.repository.js"
import { type Count, countersRepository } from "./counters.repository.js"
import { type DeviceKey, knownDevicesRepository } from "./known-devices.repository.js"
import { accountKey, MAX_FAILURES_IN_A_ROW, rowOf, type Try, windowsOf } from "./windows.js"

/** From where somebody signs in. */
export interface Visitor {
  ip: string
  userAgent: string | undefined
  /** What the device got when it signed in last; null where it could keep one, and has none. */
  deviceToken?: string | null | undefined
}

/** A try at a password that may be compared; it counts until it has passed. */
export interface Attempt {
  /** Whether the right password is not enough: too many wrong ones came from where nobody is known. */
  needsApproval: boolean
  passed(): Promise<void>
}

export interface SignInGuardDeps {
  database: Database
  apps: Apps
  outbox: Outbox
  options: { isOn: boolean; describeDevice(userAgent: string | undefined): string }
}

export type SignInGuard = ReturnType<typeof createSignInGuard>

const APPROVAL_TTL_SECONDS = 3_600
const NOTICE_TTL_SECONDS = 86_400
const TOKEN = /^[\w-]{43}$/

/**
 * Who may try a password, and how often (SECURITY.md section 2). Nothing that strangers do keeps an account's owner
 * from where they are known: there is no locked account, only strangers whom the owner is asked about (check 40).
 */
export function createSignInGuard({ database, apps, outbox, options }: SignInGuardDeps) {
  return {
    /**
     * Counts a try before its password is compared.
     *
     * @throws Problem `request.too-many`, whether or not the address has an account
     */
    async begin(email: string, visitor: RequestContext & Visitor, isSignedIn = false): Promise<Attempt> {
      if (!options.isOn) return { needsApproval: false, passed: async () => {} }
      const deviceKey = deviceKeyOf(visitor.deviceToken)
      const keys = [networkKey(visitor.ip), ...(deviceKey ? [deviceKey] : [])]
      const known = await knownDevicesRepository(database.db).findKnown(email, keys)
      const attempt: Try = { email, ip: visitor.ip, deviceKey, isSignedIn, ...known }
      const windows = windowsOf(attempt)
      const row = rowOf(attempt)
      const counts = await countersRepository(database.db).countAll([...windows, ...(row ? [row] : [])])
      const pointsOf = new Map(windows.map(({ key, points }) => [key, points]))
      const over = counts.filter(
        ({ key, points }) => points > (pointsOf.get(key) ?? Number.POSITIVE_INFINITY),
      )
      // Once for each window, however many more come.
      if (over.some(({ key, points }) => points === (pointsOf.get(key) ?? 0) + 1)) {
        const event = { event: "sign-in.limited", outcome: "failure", accountId: known.accountId } as const
        await insertAuditEvent(database.db, event, visitor)
      }
      if (over.length > 0) throw tooMany(over)

      return {
        needsApproval: counts.some(({ key, points }) => key === row?.key && points > MAX_FAILURES_IN_A_ROW),
        async passed() {
          const forgotten = known.accountId ? [accountKey(known.accountId)] : []
          await countersRepository(database.db).takeBack([...pointsOf.keys()], forgotten)
        },
      }
    },

    /**
     * Knows the device of somebody who has just proved who they are, in the caller's transaction; its owner hears
     * of one that is new.
     *
     * @returns the secret by which the device is known from now on, where it is new and asked for one
     */
    async remember(
      trx: Db,
      account: Account,
      visitor: RequestContext & Visitor,
    ): Promise<string | undefined> {
      const { ip, deviceToken } = visitor
      const network: DeviceKey = { key: networkKey(ip), kind: "network" }
      const presented = deviceKeyOf(deviceToken)
      const keys = [network.key, ...(presented ? [presented] : [])]
      const { knownBy, knowsSome } = await knownDevicesRepository(trx).recognise(account.id, keys)
      const fresh = deviceToken === undefined || knownBy === "device" ? undefined : randomToken()
      const own = fresh ? deviceKeyOf(fresh) : presented
      const devices = [network, ...(own ? [{ key: own, kind: "device" as const }] : [])]
      await knownDevicesRepository(trx).upsertAll(account.id, devices)
      if (options.isOn && knowsSome && !knownBy) await tellOfDevice(trx, account, visitor)
      return fresh
    },

    /** Asks the owner about a stranger who has the right password; at most once an hour. */
    async askOwner(account: Account, visitor: RequestContext): Promise<void> {
      const app = apps.ofRequest(visitor)
      const token = randomToken()
      await database.transaction(async (trx) => {
        const locked = await accountsRepository(trx).lockById(account.id)
        const isFirst =
          locked &&
          (await approvalsRepository(trx).insertApproval({
            tokenHash: sha256(token),
            accountId: account.id,
            deviceKey: networkKey(visitor.ip),
            ttlSeconds: APPROVAL_TTL_SECONDS,
          }))
        if (!isFirst) return
        await outbox.enqueue(trx, {
          kind: "approve-sign-in",
          recipient: account.email,
          locale: account.locale,
          payload: {
            ...apps.mailHeader(app.client_id, account),
            ...placeOf(visitor),
            tried_at: new Date().toISOString(),
            link: apps.link(app, "approve_sign_in", token),
            expires_in_minutes: APPROVAL_TTL_SECONDS / 60,
          },
          expiresInSeconds: APPROVAL_TTL_SECONDS,
        })
        const event = { event: "sign-in.approval-requested", outcome: "success" } as const
        await insertAuditEvent(trx, { ...event, accountId: account.id }, visitor)
      })
    },

    /**
     * The owner lets in who tried: from there, signing in works again.
     *
     * @throws Problem `sign-in-approval.token-invalid`
     */
    async approve(token: string, context: RequestContext): Promise<void> {
      await database.transaction(async (trx) => {
        const approval = await approvalsRepository(trx).consumeApproval(sha256(token))
        if (!approval) throw new Problem("sign-in-approval.token-invalid")
        const { accountId, deviceKey } = approval
        await knownDevicesRepository(trx).upsertAll(accountId, [{ key: deviceKey, kind: "network" }])
        await insertAuditEvent(trx, { event: "sign-in.approved", outcome: "success", accountId }, context)
      })
    },

    async sweep(): Promise<void> {
      await knownDevicesRepository(database.db).deleteExpired()
      await approvalsRepository(database.db).deleteExpired()
      await countersRepository(database.db).deleteExpired()
    },
  }

  async function tellOfDevice(trx: Db, account: Account, visitor: RequestContext): Promise<void> {
    const { client_id: clientId } = apps.ofRequest(visitor)
    await outbox.enqueue(trx, {
      kind: "new-sign-in",
      recipient: account.email,
      // Not the request's language: it may be the thief's.
      locale: account.locale,
      payload: {
        ...apps.mailHeader(clientId, account),
        ...placeOf(visitor),
        signed_in_at: new Date().toISOString(),
      },
      expiresInSeconds: NOTICE_TTL_SECONDS,
    })
    const event = { event: "sign-in.new-device", outcome: "success", accountId: account.id } as const
    await insertAuditEvent(trx, { ...event, clientId }, visitor)
  }

  function placeOf({ userAgent, ip }: RequestContext) {
    const device = options.describeDevice(userAgent)
    // A program may call itself whatever it likes, also a link.
    return { device: /^[\w ]+$/.test(device) ? device : "Unknown device", ip }
  }
}

const networkKey = (ip: string): Buffer => sha256(`network ${wideNetworkOf(ip)}`)

const deviceKeyOf = (token: string | null | undefined): Buffer | undefined =>
  token && TOKEN.test(token) ? sha256(`device ${token}`) : undefined

function tooMany(over: Count[]): Problem {
  const seconds = Math.max(1, ...over.map(({ secondsLeft }) => secondsLeft))
  return new Problem("request.too-many", { headers: { "Retry-After": String(seconds) } })
}
