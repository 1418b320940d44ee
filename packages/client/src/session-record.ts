import { isObject, isText, isUser, type TokenResponse, type User } from "./wire.js"

/** The one value that is stored: both tokens always change together. */
export interface SessionRecord {
  /** Made on this device; the same over all refreshes of one sign-in. */
  id: string
  access_token: string
  refresh_token: string
  user: User
  /**
   * Set before a refresh is sent, gone with its answer. Found at a start, it means that the server may
   * have spent the refresh token: it must be presented again while the server still takes it.
   */
  refreshing?: true
}

export const toRecord = (id: string, tokens: TokenResponse): SessionRecord => ({
  id,
  access_token: tokens.access_token,
  refresh_token: tokens.refresh_token,
  user: tokens.user,
})

/** @returns nothing for what is no session of ours */
export function readRecord(text: string | undefined): SessionRecord | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "null")
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isRecord = (value: unknown): value is SessionRecord =>
  isObject(value) &&
  isText(value.id) &&
  isText(value.access_token) &&
  isText(value.refresh_token) &&
  isUser(value.user)

export const isSameToken = (one: SessionRecord | undefined, other: SessionRecord | undefined): boolean =>
  one?.id === other?.id && one?.refresh_token === other?.refresh_token
