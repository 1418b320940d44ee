import { type MailKind, type MailPayload, mailKinds, mailPayloads } from "@gatepost/contracts"
import type { Sealer } from "@gatepost/runtime"

/** This mail can never be sent, however often one tries; the message says why, without its secrets. */
export class InvalidMailError extends Error {
  override readonly name = "InvalidMailError"
}

/** What a mail says, each kind with the payload its template takes. */
export type MailContent = { [Kind in MailKind]: { kind: Kind; payload: MailPayload<Kind> } }[MailKind]

/**
 * Encrypts what a mail says for its row.
 *
 * @throws InvalidMailError when the payload is not exactly what its kind takes (check 104)
 */
export function sealContent(sealer: Sealer, id: string, content: MailContent): Buffer {
  const parsed = schemaOf(content.kind).strict().safeParse(content.payload)
  if (!parsed.success) throw new InvalidMailError(`the payload does not fit ${content.kind}`)
  return sealer.seal(JSON.stringify(parsed.data), id)
}

/**
 * Reads back what a mail says. Members that this version does not know are dropped rather than refused,
 * so that a newer service and an older worker can run side by side (DESIGN.md D16).
 *
 * @throws InvalidMailError when it is no mail this version could ever send
 * @throws Error when it can't be decrypted: the secret is another, which an operator can mend
 */
export function openContent(sealer: Sealer, row: { id: string; kind: string; payload: Buffer }): MailContent {
  const text = sealer.open(row.payload, row.id)
  const kind = mailKinds.find((known) => known === row.kind)
  if (!kind) throw new InvalidMailError(`there is no mail of the kind ${row.kind}`)
  const parsed = schemaOf(kind).safeParse(parseJson(text))
  if (!parsed.success) throw new InvalidMailError(`the payload does not fit ${kind}`)
  return { kind, payload: parsed.data } as MailContent
}

const schemaOf = (kind: MailKind) => mailPayloads[kind] as (typeof mailPayloads)["verify-email"]

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
