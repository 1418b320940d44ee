import { type Accounts, createAccounts, type Session } from "./accounts.js"
import { createApi } from "./api.js"
import { createWithToken } from "./authorised.js"
import { createAuthorisedFetch } from "./authorised-fetch.js"
import { createEmitter } from "./emitter.js"
import { SignedOutError } from "./errors.js"
import { openHearsay } from "./hearsay.js"
import { createNotifications, type Notifications } from "./notifications.js"
import { type ClientOptions, readOptions } from "./options.js"
import { createRefresher } from "./refresher.js"
import { createSessionStore, type SessionEvent } from "./session-store.js"
import { createTransport, type Fetch } from "./transport.js"
import { createVault } from "./vault.js"

export interface Client extends Accounts {
  /** Who is signed in, as far as this tab knows; with an async storage only after `ready`. */
  session(): Session | undefined
  /** Resolves when the storage was read. */
  ready(): Promise<Session | undefined>
  /** Tells of sign-ins and sign-outs, other tabs' as well. Returns what ends it. */
  onChange(listener: (event: SessionEvent) => void): () => void
  /** Tells when the storage begins to fail; the session then lives in memory. Returns what ends it. */
  onStorageError(listener: (cause: unknown) => void): () => void
  /**
   * New tokens now, or those another tab just got; seldom needed, since every call refreshes by itself.
   *
   * @throws SignedOutError, NetworkError, ApiError
   */
  refresh(): Promise<Session>
  /**
   * `fetch` with the access token: refreshed in time, or when the answer is a 401 about the token, and then
   * sent once more. A path is one below `baseUrl`; for other origins see the option `origins`.
   *
   * @throws SignedOutError; NetworkError; TypeError for an origin that gets no token
   */
  fetch: Fetch
  notifications: Notifications
  /** Stops listening and retrying. */
  close(): void
}

/** A client for one app, and the one person who is signed in to it. @throws TypeError for a wrong option */
export function createClient(options: ClientOptions): Client {
  const settings = readOptions(options)
  const { storage, storageKey, clock } = settings
  const closing = new AbortController()
  const closed = closing.signal
  const events = createEmitter<SessionEvent>()
  const storageErrors = createEmitter<unknown>()

  const vault = createVault(storage, storageKey, storageErrors.emit)
  const device = createVault(storage, `${storageKey}.device`, storageErrors.emit)
  const hearsay = openHearsay(storage, storageKey, () => void store.reload())
  const store = createSessionStore({ vault, clock, events, written: hearsay.tell })
  const transport = createTransport(settings)
  const refresher = createRefresher({ ...settings, store, transport, closed })
  const withToken = createWithToken({ store, refresher, clock })
  const api = createApi({ ...settings, transport, withToken, closed })

  const fetch = createAuthorisedFetch({ ...settings, withToken })

  void finishRefresh()

  return {
    ...createAccounts({ api, store, clock, device: settings.keepDevice ? device : undefined }),
    notifications: createNotifications(api, { ...settings, fetch, closed, onSessionChange }),
    fetch,
    session,
    async ready() {
      await store.reload()
      return session()
    },
    onChange: events.on,
    onStorageError: storageErrors.on,
    async refresh() {
      const held = store.current() ?? (await store.reload())
      if (held) await refresher.refresh(held)
      return session() ?? signedOut()
    },
    close() {
      hearsay.close()
      closing.abort()
    },
  }

  function onSessionChange(listener: () => void): () => void {
    return events.on(({ type }) => {
      if (type !== "user-changed") listener()
    })
  }

  function session(): Session | undefined {
    const held = store.current()
    return held && { user: held.record.user }
  }

  /** What an earlier run, or a page that was left, sent and got no answer to. */
  async function finishRefresh(): Promise<void> {
    const held = await store.reload()
    if (held?.record.refreshing) await refresher.refresh(held).catch(() => {})
  }
}

function signedOut(): never {
  throw new SignedOutError()
}
