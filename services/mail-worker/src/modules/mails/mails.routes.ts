import { Message, Problem, route } from "@gatepost/http"
import type { PostOffice } from "@gatepost/mail-queue"
import { byClient } from "../operators/index.js"
import {
  ListQuery,
  MailDetailsView,
  MailList,
  MailParams,
  RetryView,
  toMailDetailsView,
  toMailList,
} from "./mails.schemas.js"
import { describeRefusal, describeRetry } from "./retry-words.js"

export const mailsRoutes = (office: PostOffice) => [
  route({
    method: "get",
    path: "/mails",
    summary: "List mails, newest first",
    tag: "Mails",
    access: { service: "mail:admin" },
    limit: "none",
    query: ListQuery,
    success: { status: 200, body: MailList },
    problems: [],
    handle: async ({ query: { limit, cursor, since, ...filter } }) => {
      const page = { before: cursor, limit: Number(limit), since: since ? new Date(since) : undefined }
      return toMailList(await office.list({ ...filter, ...page }), page.limit)
    },
  }),
  route({
    method: "get",
    path: "/mails/{id}",
    summary: "Show a mail and all that happened to it, but not what it says",
    tag: "Mails",
    access: { service: "mail:admin" },
    limit: "none",
    params: MailParams,
    success: { status: 200, body: MailDetailsView },
    problems: ["mail.not-found"],
    handle: async ({ params }) => {
      const mail = await office.show(params.id)
      if (!mail) throw new Problem("mail.not-found")
      return toMailDetailsView(mail)
    },
  }),
  route({
    method: "post",
    path: "/mails/{id}/retry",
    summary: "Send a mail that was given up, suppressed, or is uncertain",
    tag: "Mails",
    access: { service: "mail:admin" },
    limit: "none",
    params: MailParams,
    success: { status: 202, body: RetryView },
    problems: ["mail.not-found", "mail.not-resendable"],
    handle: async ({ params, caller }) => {
      const outcome = await office.retry(params.id, byClient(caller))
      if (outcome.kind === "unknown") throw new Problem("mail.not-found")
      if (outcome.kind !== "queued")
        throw new Problem("mail.not-resendable", { detail: describeRefusal(outcome) })
      return { message: describeRetry(outcome), may_double: outcome.mayDouble }
    },
  }),
  route({
    method: "post",
    path: "/mails/{id}/close",
    summary: "Take note that an uncertain mail is not to be sent again",
    tag: "Mails",
    access: { service: "mail:admin" },
    limit: "none",
    params: MailParams,
    success: { status: 200, body: Message },
    problems: ["mail.not-found", "mail.not-uncertain"],
    handle: async ({ params, caller }) => {
      if (await office.close(params.id, byClient(caller))) return { message: "The mail is closed" }
      throw new Problem((await office.show(params.id)) ? "mail.not-uncertain" : "mail.not-found")
    },
  }),
]
