import { type Client, type ClientOptions, createClient, type Locks, type SessionEvent } from "#src/index.js"
import { type Browser, type BrowserTab, createBrowser } from "./browser.js"
import { createNetwork, type Network } from "./network.js"
import { seeded } from "./random.js"
import { createServerModel, type ServerModel } from "./server-model.js"
import { createVirtualTime, type VirtualTime } from "./virtual-time.js"

export const BASE_URL = "https://id.example.com"
export const ADA = { email: "ada@example.com", password: "a few plain words" }
export const MINUTE = 60_000

export interface Tab extends Client {
  events: SessionEvent[]
  browserTab: BrowserTab
  /** The refresh token in the storage. */
  stored(): string
}

export interface World {
  time: VirtualTime
  server: ServerModel
  network: Network
  browser: Browser
  /** A client in a tab of the browser. */
  tab(options?: Partial<ClientOptions> & { isDeaf?: boolean; hasLocks?: boolean }): Tab
  /** A tab where Ada has just signed in. */
  signedIn(options?: Parameters<World["tab"]>[0]): Promise<Tab>
}

/** As in a browser without them: everybody goes at once. */
const noLocks: Locks = { request: (_name, _options, callback) => callback() }

export function createWorld({ seed = 1, serverClockOffMs = 0 } = {}): World {
  const time = createVirtualTime()
  const server = createServerModel(time.now, () => Date.now() + time.now() + serverClockOffMs)
  const network = createNetwork(server, time)
  const browser = createBrowser()
  const random = seeded(seed)

  const tab: World["tab"] = ({ isDeaf = false, hasLocks = true, ...options } = {}) => {
    const browserTab = browser.tab({ isDeaf })
    const client = createClient({
      baseUrl: BASE_URL,
      clientId: "jobswipe",
      storage: browserTab.storage,
      locks: hasLocks ? browserTab.locks : noLocks,
      clock: time.clock(),
      random,
      fetch: async (input, init) => {
        if (browserTab.isCrashed()) return new Promise(() => {})
        const response = await network.fetch(input, init)
        return browserTab.isCrashed() ? new Promise(() => {}) : response
      },
      ...options,
    })
    const events: SessionEvent[] = []
    client.onChange((event) => events.push(event))
    const stored = () => JSON.parse([...browser.values.values()][0] ?? "{}").refresh_token
    return { ...client, events, browserTab, stored }
  }

  return {
    time,
    server,
    network,
    browser,
    tab,
    async signedIn(options) {
      const opened = tab(options)
      await time.until(opened.login(ADA))
      return opened
    },
  }
}
