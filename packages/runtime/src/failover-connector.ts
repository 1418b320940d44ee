import { SentinelConnector } from "ioredis"

/** What ioredis has of a subscription to the Sentinels' word of a failover: it ends its connector, once. */
interface FailoverDetector {
  isDisconnected: boolean
  cleanup(): void
}

/**
 * ioredis' way to the primary of Sentinels, but for one thing: where the word of a failover comes while the next primary
 * is being looked for already, as after a `kill -9` it does, ioredis takes it for an order to close, and that client
 * never connects again. Here it is a reason to look once more.
 */
export class FailoverConnector extends SentinelConnector {
  #heard: FailoverDetector | undefined
  #isLooking = false
  #looksAgain = false

  override async connect(...args: Parameters<SentinelConnector["connect"]>) {
    for (;;) {
      this.#looksAgain = false
      this.#isLooking = true
      const stream = await super.connect(...args).finally(() => {
        this.#isLooking = false
      })
      if (!this.#looksAgain) return stream
      stream.on("error", () => {}).destroy()
    }
  }

  override disconnect(): void {
    const detector = (this as unknown as { failoverDetector?: FailoverDetector | null }).failoverDetector
    const isFailover = detector?.isDisconnected === true && detector !== this.#heard
    if (detector?.isDisconnected) this.#heard = detector
    if (isFailover && this.#isLooking) {
      this.#looksAgain = true
      detector.cleanup()
    } else super.disconnect()
  }
}
