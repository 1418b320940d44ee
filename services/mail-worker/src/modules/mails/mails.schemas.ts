import { lanes, uncertainPolicies } from "@gatepost/contracts"
import {
  isSingleAddress,
  type MailDetails,
  type MailEvent,
  type MailSummary,
  mailStates,
} from "@gatepost/mail-queue"
import { z } from "zod"

const state = z.enum(mailStates)
const lane = z.enum(lanes)
const time = z.iso.datetime()

const summary = {
  id: z.uuid(),
  kind: z.string().meta({ description: "Which mail it is, such as `verify-email`" }),
  lane,
  recipient: z.string(),
  state,
  attempts: z.int(),
  policy: z
    .enum(uncertainPolicies)
    .meta({ description: "What becomes of it when nobody can know whether it arrived" }),
  last_error: z.string().nullable(),
  created_at: time,
  due_at: time,
  expires_at: time,
}

export const MailView = z.object(summary).meta({ id: "Mail" })

export const MailDetailsView = z
  .object({
    ...summary,
    message_id: z.string(),
    transport: z.string().nullable(),
    handed_off_at: time.nullable(),
    sent_at: time.nullable(),
    server_id: z.string().nullable().meta({ description: "What the server that took it calls it" }),
    sendable: z.boolean().meta({ description: "Whether it is complete and in time, so that it can be sent" }),
    timeline: z.array(
      z.object({ at: time, from: state.nullable(), to: state, detail: z.string().nullable() }),
    ),
  })
  .meta({ id: "MailDetails" })

export const MailList = z
  .object({ items: z.array(MailView), next_cursor: z.uuid().nullable() })
  .meta({ id: "MailList" })

export const RetryView = z
  .object({
    message: z.string(),
    may_double: z
      .boolean()
      .meta({ description: "Whether it may have arrived before, so that this is a copy" }),
  })
  .meta({ id: "Retry" })

export const MailParams = z.object({ id: z.uuid() })

export const address = z.string().refine(isSingleAddress, "must be one bare address")

export const pageSize = (max: number, fallback: number) =>
  z
    .string()
    .regex(/^[1-9]\d{0,2}$/, `must be a whole number from 1 to ${max}`)
    .refine((value) => Number(value) <= max, `must be a whole number from 1 to ${max}`)
    .default(String(fallback))

export const ListQuery = z.object({
  state: state.optional(),
  lane: lane.optional(),
  recipient: address.optional(),
  since: z.iso.datetime({ offset: true }).optional().meta({ description: "Written then or later" }),
  limit: pageSize(500, 50),
  cursor: z.uuid().optional().meta({ description: "`next_cursor` of the page before" }),
})

const text = (date: Date | null) => date?.toISOString() ?? null

export const toMailView = (mail: MailSummary): z.input<typeof MailView> => ({
  id: mail.id,
  kind: mail.kind,
  lane: mail.lane,
  recipient: mail.recipient,
  state: mail.state,
  attempts: mail.attempts,
  policy: mail.policy,
  last_error: mail.lastError,
  created_at: mail.createdAt.toISOString(),
  due_at: mail.dueAt.toISOString(),
  expires_at: mail.expiresAt.toISOString(),
})

const toEventView = ({ at, ...event }: MailEvent) => ({ at: at.toISOString(), ...event })

export const toMailDetailsView = (mail: MailDetails): z.input<typeof MailDetailsView> => ({
  ...toMailView(mail),
  message_id: mail.messageId,
  transport: mail.transport,
  handed_off_at: text(mail.handedOffAt),
  sent_at: text(mail.sentAt),
  server_id: mail.serverId,
  sendable: mail.sendable,
  timeline: mail.timeline.map(toEventView),
})

/** One page of them; a full one may have another behind it. */
export const toMailList = (mails: MailSummary[], limit: number): z.input<typeof MailList> => ({
  items: mails.map(toMailView),
  next_cursor: mails.length === limit ? (mails.at(-1)?.id ?? null) : null,
})
