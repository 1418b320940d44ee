import { type Db, deleteInBatches } from "@gatepost/postgres"
import type { Device, DeviceKind } from "./devices.types.js"

export interface NewDevice extends Pick<Device, "id" | "userId" | "kind" | "address" | "keys" | "name"> {
  addressHash: Buffer
}

interface DeviceRow {
  id: string
  user_id: string
  kind: DeviceKind
  address: string
  p256dh: string | null
  auth: string | null
  name: string | null
  created_at: Date
  seen_at: Date
}

const COLUMNS = "id, user_id, kind, address, p256dh, auth, name, created_at, seen_at"

export const devicesRepository = (db: Db) => ({
  /**
   * One row for each address, whoever has the device now. It gets a new id when its owner changes, so that what was
   * meant for the former one goes nowhere.
   */
  async upsertDevice({ keys, name, ...device }: NewDevice): Promise<Device> {
    const { rows } = await db.raw(
      `insert into notifications.devices as known (id, user_id, kind, address, address_hash, p256dh, auth, name)
       values (:id, :userId, :kind, :address, :addressHash, :p256dh, :auth, :name)
       on conflict (address_hash) do update
         set id = case when known.user_id = excluded.user_id then known.id else excluded.id end,
             created_at = case when known.user_id = excluded.user_id then known.created_at else now() end,
             user_id = excluded.user_id, p256dh = excluded.p256dh, auth = excluded.auth,
             name = excluded.name, seen_at = now()
       returning ${COLUMNS}`,
      { ...device, p256dh: keys?.p256dh ?? null, auth: keys?.auth ?? null, name: name ?? null },
    )
    return toDevice(rows[0])
  },

  /** Of several at once each sees those before it. */
  async lockDevices(userId: string): Promise<void> {
    await db.raw("select pg_advisory_xact_lock(hashtext('notifications.devices ' || ?))", [userId])
  },

  /** The last seen first. */
  async listDevices(userIds: readonly string[]): Promise<Device[]> {
    const { rows } = await db.raw(
      `select ${COLUMNS} from notifications.devices where user_id = any(:userIds::uuid[]) order by seen_at desc, id`,
      { userIds },
    )
    return rows.map(toDevice)
  },

  /** All of a user's but those that were seen last. */
  async deleteBeyond(userId: string, limit: number): Promise<void> {
    await db.raw(
      `delete from notifications.devices where id in (
         select id from notifications.devices where user_id = :userId order by seen_at desc, id offset :limit
       )`,
      { userId, limit },
    )
  },

  async deleteDevice(userId: string, id: string): Promise<boolean> {
    const { rowCount } = await db.raw("delete from notifications.devices where id = ? and user_id = ?", [
      id,
      userId,
    ])
    return rowCount === 1
  },

  /** It is dead: unless it was seen after the push was sent that said so. */
  async deleteDead(id: string, sentAt: Date): Promise<void> {
    await db.raw("delete from notifications.devices where id = ? and seen_at <= ?", [id, sentAt])
  },

  async deleteAllOf(userId: string): Promise<void> {
    await db.raw("delete from notifications.devices where user_id = ?", [userId])
  },

  /** FCM's tokens die after 270 days; of a browser that never came back, success can mean nothing (WebKit 249766). */
  deleteUnseen: (): Promise<number> =>
    deleteInBatches(db, "notifications.devices", "seen_at < now() - interval '270 days'"),
})

export const toDevice = (row: DeviceRow): Device => ({
  id: row.id,
  userId: row.user_id,
  kind: row.kind,
  address: row.address,
  keys: row.p256dh && row.auth ? { p256dh: row.p256dh, auth: row.auth } : undefined,
  name: row.name ?? undefined,
  createdAt: row.created_at,
  seenAt: row.seen_at,
})
