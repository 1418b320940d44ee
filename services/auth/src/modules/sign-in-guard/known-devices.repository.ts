import { type Db, deleteInBatches, prepared } from "@gatepost/postgres"

export type DeviceKind = "device" | "network"

export interface DeviceKey {
  key: Buffer
  kind: DeviceKind
}

// SECURITY.md section 2.
const [DEVICE_LIFE, NETWORK_LIFE] = ["interval '180 days'", "interval '30 days'"]
const IS_KNOWN = `seen_at > now() - case kind when 'device' then ${DEVICE_LIFE} else ${NETWORK_LIFE} end`

export const knownDevicesRepository = (db: Db) => ({
  /** The account of an address, and by what of these it knows its owner; a device's own secret before its network. */
  async findKnown(email: string, keys: Buffer[]) {
    const [row] = await prepared<{ accountId: string; knownBy: DeviceKind | null }>(db, {
      name: "find-known-device",
      text: `
        select a.id as "accountId", (
          select kind from auth.known_devices
          where account_id = a.id and key = any($2) and ${IS_KNOWN} order by kind limit 1
        ) as "knownBy"
        from auth.accounts a where a.email = $1`,
      values: [email, keys],
    })
    return { accountId: row?.accountId, knownBy: row?.knownBy ?? undefined }
  },

  /** By what of these an account knows its owner, and whether it knows any device at all. */
  async recognise(accountId: string, keys: Buffer[]) {
    const [row] = await prepared<{ knownBy: DeviceKind | null; knowsSome: boolean }>(db, {
      name: "recognise-device",
      text: `
        select exists (select from auth.known_devices where account_id = $1) as "knowsSome", (
          select kind from auth.known_devices
          where account_id = $1 and key = any($2) and ${IS_KNOWN} order by kind limit 1
        ) as "knownBy"`,
      values: [accountId, keys],
    })
    return { knownBy: row?.knownBy ?? undefined, knowsSome: row?.knowsSome ?? false }
  },

  async upsertAll(accountId: string, devices: DeviceKey[]): Promise<void> {
    await prepared(db, {
      name: "remember-devices",
      text: `
        insert into auth.known_devices as k (account_id, key, kind)
        select $1, key, kind from unnest($2::bytea[], $3::text[]) as devices (key, kind) order by key
        on conflict (account_id, key) do update set seen_at = now() where k.seen_at < now() - interval '1 hour'`,
      values: [accountId, devices.map(({ key }) => key), devices.map(({ kind }) => kind)],
    })
  },

  /** One after the other, as each has its index. */
  async deleteExpired(): Promise<number> {
    const networks = `kind = 'network' and seen_at <= now() - ${NETWORK_LIFE}`
    return (
      (await deleteInBatches(db, "auth.known_devices", networks)) +
      (await deleteInBatches(db, "auth.known_devices", `seen_at <= now() - ${DEVICE_LIFE}`))
    )
  },
})
