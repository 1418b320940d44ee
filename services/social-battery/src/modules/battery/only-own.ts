import { callerOf } from "@gatepost/token-verifier"
import type { RequestHandler } from "express"
import { read } from "../../http/input.js"
import { Refusal } from "../../http/refusal.js"
import { BatteryParams } from "./battery.schemas.js"

declare global {
  namespace Express {
    interface Locals {
      /** Whose battery it is: the caller's `sub`, never an id that was sent. */
      ownerId: string
      /** The owner's id as they sent it, for their client to find again in the answer. */
      userId: string
    }
  }
}

/**
 * Lets a person through to what is theirs; stands behind `requireAuth`.
 *
 * Theirs is the token's `sub`, and the id of an earlier system that an import left in `external_id`. Whichever was
 * asked for, `sub` is where the battery is kept, so an id of one system that is another person's in the other
 * leads nowhere.
 */
export const onlyOwn: RequestHandler = (req, res, next) => {
  const caller = callerOf(req)
  const { user_id } = read(BatteryParams, req.params, "path")
  const isTheirs =
    caller.kind === "user" && (user_id === caller.userId || user_id === caller.claims.external_id)
  if (!isTheirs) throw new Refusal("battery_not_yours")
  Object.assign(res.locals, { ownerId: caller.userId, userId: user_id })
  next()
}
