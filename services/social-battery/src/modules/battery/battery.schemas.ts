import { z } from "zod"
import type { Battery, Interaction, NewInteraction } from "./battery.types.js"

const level = z.int().min(0).max(100)

export const BatteryParams = z.object({
  user_id: z
    .string()
    .regex(/^(?!__)[\w-][\w.:|@+=/-]{0,127}$/, "must be an id")
    .meta({ description: "The token's `sub`, or its `external_id`: both mean the same battery" }),
})

export const RecordBody = z
  .object({
    interaction_type: z.string().trim().min(1, "must not be empty").max(100),
    energy_change: z.int().min(-1_000).max(1_000),
    note: z.string().trim().max(1_000).nullable().optional().meta({ description: "None when empty" }),
  })
  .meta({ id: "NewInteraction" })

export const ActivityQuery = z.object({
  limit: z
    .string()
    .regex(/^(?:[1-9]\d?|100)$/, "must be a whole number from 1 to 100")
    .default("20"),
  cursor: z.string().max(200).optional().meta({ description: "`next_cursor` of the page before" }),
})

export const BatteryView = z
  .object({
    user_id: z.string(),
    level: level.meta({ description: "50 before anything was recorded" }),
    updated_at: z.iso.datetime().meta({ description: "Of the last record; now, where there is none" }),
  })
  .meta({ id: "Battery" })

export const InteractionView = z
  .object({
    id: z.uuid(),
    user_id: z.string(),
    interaction_type: z.string(),
    energy_change: z.int(),
    note: z.string().nullable(),
    level: level.meta({ description: "Of the battery after it" }),
    created_at: z.iso.datetime(),
  })
  .meta({ id: "Interaction" })

export const ActivityView = z
  .object({ items: z.array(InteractionView), next_cursor: z.string().nullable() })
  .meta({ id: "Activity" })

export const toNewInteraction = (body: z.output<typeof RecordBody>): NewInteraction => ({
  interactionType: body.interaction_type,
  energyChange: body.energy_change,
  note: body.note || null,
})

/** @param userId as the caller asked for it, so that their client finds the id it knows */
export const toBatteryView = (userId: string, battery: Battery): z.output<typeof BatteryView> => ({
  user_id: userId,
  level: battery.level,
  updated_at: battery.updatedAt.toISOString(),
})

export const toInteractionView = (userId: string, item: Interaction): z.output<typeof InteractionView> => ({
  id: item.id,
  user_id: userId,
  interaction_type: item.interactionType,
  energy_change: item.energyChange,
  note: item.note,
  level: item.level,
  created_at: item.createdAt.toISOString(),
})
