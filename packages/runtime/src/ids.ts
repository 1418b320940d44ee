import { createHash, randomBytes } from "node:crypto"
import { v7 } from "uuid"

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** A UUIDv7 (RFC 9562 section 5.7), of now or another time: made here, since PostgreSQL 15 has no `uuidv7()`. */
export const newId = (at?: Date): string => v7(at && { msecs: at.getTime() })

/** Whether a text may be handed to PostgreSQL as a `uuid`. */
export const isUuid = (text: string): boolean => UUID.test(text)

/** 256 random bits as 43 base64url characters: every link and refresh token. */
export const randomToken = (): string => randomBytes(32).toString("base64url")

/** What is stored of a token. 32 bytes. */
export const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest()
