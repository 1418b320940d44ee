import MimeNode from "nodemailer/lib/mime-node"
import { encode, wrap } from "nodemailer/lib/qp"
import type { WireMail } from "./transport.js"

export interface Message {
  envelope: { from: string; to: string[] }
  content: Buffer
}

/**
 * Writes a mail as RFC 5322 and 2046 want it, byte for byte the same in every attempt.
 *
 * nodemailer makes each part and its headers; they are put together here, since its streams for that cost as
 * much as all the rest of sending (ADR 19).
 *
 * @param headers further ones, of the transport
 */
export function composeMessage(mail: WireMail, headers: Record<string, string> = {}): Message {
  const root = new MimeNode("multipart/alternative", { baseBoundary: mail.id })
  root.setHeader({
    ...mail.headers,
    ...headers,
    From: mail.from,
    // Check 102, M16: an address as text could become two.
    To: { name: "", address: mail.to },
    Subject: mail.subject,
    "Message-ID": mail.messageId,
    Date: mail.date,
  })
  const parts = [part(root, "text/plain", mail.text), part(root, "text/html", mail.html)]
  const head = root.buildHeaders()
  const body = parts.map((text) => `--${root.boundary}\r\n${text}\r\n`).join("\r\n")
  const { from, to } = root.getEnvelope()
  return {
    envelope: { from: from || "", to },
    content: Buffer.from(`${head}\r\n\r\n${body}\r\n--${root.boundary}--\r\n`),
  }
}

function part(root: MimeNode, type: string, text: string): string {
  // Check 104: nodemailer would fetch the file or the URL that an object names.
  if (typeof text !== "string") throw new TypeError(`the ${type} of a mail must be text`)
  const node = root.createChild(`${type}; charset=utf-8`)
  node.setHeader("Content-Transfer-Encoding", "quoted-printable")
  node.setContent(text)
  return `${node.buildHeaders()}\r\n\r\n${wrap(encode(text.replace(/\r?\n/g, "\r\n")))}`
}
