import type { Db } from "../../database/database.js"
import { type Battery, type Interaction, type NewInteraction, START_LEVEL } from "./battery.types.js"

const COLUMNS = `id, interaction_type as "interactionType", energy_change as "energyChange", note, level,
  created_at as "createdAt"`

export const batteryRepository = (db: Db) => ({
  /** Nothing is stored for it before something is recorded. */
  async readBattery(userId: string): Promise<Battery> {
    const { rows } = await db.query(
      `select coalesce(b.level, $2) as level, coalesce(b.updated_at, now()) as "updatedAt"
       from (select $1::text as user_id) asked left join social_battery.batteries b using (user_id)`,
      [userId, START_LEVEL],
    )
    return rows[0]
  },

  /** Holds the battery until the end of the transaction; makes it where there is none. */
  async lockBattery(userId: string): Promise<void> {
    await db.query(
      `insert into social_battery.batteries (user_id, level) values ($1, $2)
       on conflict (user_id) do update set user_id = excluded.user_id`,
      [userId, START_LEVEL],
    )
  },

  /** Changes the level, within its bounds, and writes down why, in one statement. */
  async insertInteraction(userId: string, interaction: NewInteraction, key?: string): Promise<Interaction> {
    const { interactionType, energyChange, note } = interaction
    const { rows } = await db.query(
      `with battery as (
         update social_battery.batteries
         set level = greatest(0, least(100, level + $2::int)),
             interaction_count = interaction_count + 1,
             updated_at = greatest(updated_at, clock_timestamp())
         where user_id = $1
         returning *
       )
       insert into social_battery.interactions
         (user_id, number, interaction_type, energy_change, note, level, created_at, idempotency_key)
       select user_id, interaction_count, $3, $2, $4, level, updated_at, $5 from battery
       returning ${COLUMNS}`,
      [userId, energyChange, interactionType, note, key],
    )
    return rows[0]
  },

  async findInteractionByKey(userId: string, key: string): Promise<Interaction | undefined> {
    const { rows } = await db.query(
      `select ${COLUMNS} from social_battery.interactions where user_id = $1 and idempotency_key = $2`,
      [userId, key],
    )
    return rows[0]
  },

  /** An interaction's place in the order of its battery. */
  async findNumber(userId: string, id: string): Promise<number | undefined> {
    const { rows } = await db.query(
      "select number from social_battery.interactions where user_id = $1 and id = $2",
      [userId, id],
    )
    return rows[0]?.number
  },

  /** Newest first, from behind a number. */
  async listInteractions(userId: string, limit: number, before?: number): Promise<Interaction[]> {
    const { rows } = await db.query(
      `select ${COLUMNS} from social_battery.interactions
       where user_id = $1 and ($3::int is null or number < $3) order by number desc limit $2`,
      [userId, limit, before],
    )
    return rows
  },
})
