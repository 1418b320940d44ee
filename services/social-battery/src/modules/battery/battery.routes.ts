import { type RequestHandler, Router } from "express"
import { plainQuery, read, readIdempotencyKey } from "../../http/input.js"
import { jsonBody } from "../../http/json-body.js"
import { Refusal } from "../../http/refusal.js"
import {
  ActivityQuery,
  RecordBody,
  toBatteryView,
  toInteractionView,
  toNewInteraction,
} from "./battery.schemas.js"
import type { BatteryService } from "./battery.service.js"
import { onlyOwn } from "./only-own.js"

const BODY_LIMIT_BYTES = 16 * 1024

/** @param requireUser refuses whoever has no token for this API */
export function batteryRoutes(batteries: BatteryService, requireUser: RequestHandler): Router {
  const readBattery: RequestHandler = async (_req, res) => {
    const { ownerId, userId } = res.locals
    res.json(toBatteryView(userId, await batteries.readBattery(ownerId)))
  }
  const record: RequestHandler = async (req, res) => {
    const { ownerId, userId } = res.locals
    const interaction = toNewInteraction(read(RecordBody, req.body, ""))
    const recorded = await batteries.record(ownerId, interaction, readIdempotencyKey(req))
    res.status(201).json(toInteractionView(userId, recorded))
  }
  const listActivity: RequestHandler = async (req, res) => {
    const { ownerId, userId } = res.locals
    const { limit, cursor } = read(ActivityQuery, req.query, "query")
    const page = await batteries.listActivity(ownerId, { limit: Number(limit), cursor })
    const items = page.items.map((item) => toInteractionView(userId, item))
    res.json({ items, next_cursor: page.nextCursor })
  }

  const own = [requireUser, plainQuery, onlyOwn]
  const router = Router({ caseSensitive: true, strict: true })
  router.route("/social-battery/:user_id").get(own, readBattery).all(onlyMethod("GET"))
  router
    .route("/social-battery/:user_id/record")
    .post(own, jsonBody(BODY_LIMIT_BYTES), record)
    .all(onlyMethod("POST"))
  router.route("/social-battery/:user_id/activity").get(own, listActivity).all(onlyMethod("GET"))
  return router
}

const onlyMethod =
  (allow: string): RequestHandler =>
  () => {
    throw new Refusal("request_method_not_allowed", { headers: { Allow: allow } })
  }
