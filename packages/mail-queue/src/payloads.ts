import { type MailKind, type MailPayload, mailKinds, mailPayloads } from "@gatepost/contracts"
import type { Sealer } from "@gatepost/runtime"
import { isSingleAddress } from "./address.js"

/** This mail can never be sent, however often one tries; the message says why, without its secrets. */
export class InvalidMailError extends Error {
  override readonly name = "InvalidMailError"
}

// A mail is a page, not an attachment; what is longer was put there by mistake or by somebody else.
const MAX_PAYLOAD_BYTES = 64 * 1024
const SEAL_BYTES = 64

/** What a mail says, each kind with the payload its template takes. */
export type MailContent = { [Kind in MailKind]: { kind: Kind; payload: MailPayload<Kind> } }[MailKind]

/**
 * Encrypts what a mail says for its row.
 *
 * @throws InvalidMailError when the payload is not exactly what its kind takes (check 104)
 */
export function sealContent(sealer: Sealer, id: string, { kind, payload }: MailContent): Buffer {
  const schema = mailPayloads[knownKind(kind)].strict()
  const text = JSON.stringify(checked(kind, schema.safeParse(payload)))
  if (Buffer.byteLength(text) > MAX_PAYLOAD_BYTES) throw new InvalidMailError("the payload is too long")
  return sealer.seal(text, id)
}

/**
 * Reads back what a mail says. Members that this version does not know are dropped rather than refused,
 * so that a newer service and an older worker can run side by side (DESIGN.md D16).
 *
 * @throws InvalidMailError when it is no mail this version could ever send
 * @throws Error when it can't be decrypted: the secret is another, which an operator can mend
 */
export function openContent(sealer: Sealer, row: { id: string; kind: string; payload: Buffer }): MailContent {
  const kind = knownKind(row.kind)
  if (row.payload.length > MAX_PAYLOAD_BYTES + SEAL_BYTES)
    throw new InvalidMailError("the payload is too long")
  const text = sealer.open(row.payload, row.id)
  return { kind, payload: checked(kind, mailPayloads[kind].safeParse(parseJson(text))) } as MailContent
}

function knownKind(kind: string): MailKind {
  const known = mailKinds.find((candidate) => candidate === kind)
  if (!known) throw new InvalidMailError(`there is no mail of the kind ${kind}`)
  return known
}

function checked(kind: MailKind, parsed: { data?: MailPayload | undefined }): MailPayload {
  if (!parsed.data) throw new InvalidMailError(`the payload does not fit ${kind}`)
  // Check 102: a sender that a mail library would take for two.
  if (!isSingleAddress(parsed.data.app.from)) throw new InvalidMailError("app.from must be one bare address")
  return parsed.data
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
