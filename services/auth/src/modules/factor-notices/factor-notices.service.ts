import type { SecondFactorChange } from "@gatepost/contracts"
import type { RequestContext } from "@gatepost/http"
import type { Outbox } from "@gatepost/mail-queue"
import type { Db } from "@gatepost/postgres"
import type { Account } from "../accounts/index.js"
import type { Apps } from "../apps/index.js"

export type FactorNotices = ReturnType<typeof createFactorNotices>

const NOTICE_TTL_SECONDS = 86_400

/** Mails about second factors and passkeys, in the caller's transaction: whoever did it, the owner hears of it. */
export function createFactorNotices({ apps, outbox }: { apps: Apps; outbox: Outbox }) {
  const addressed = (account: Account, context: RequestContext) => ({
    recipient: account.email,
    locale: account.locale ?? context.language,
    header: apps.mailHeader(apps.ofRequest(context).client_id, account),
  })

  return {
    async changed(trx: Db, account: Account, change: SecondFactorChange, context: RequestContext) {
      const { header, ...to } = addressed(account, context)
      await outbox.enqueue(trx, {
        kind: "second-factor-changed",
        ...to,
        payload: { ...header, change, changed_at: new Date().toISOString() },
        expiresInSeconds: NOTICE_TTL_SECONDS,
      })
    },

    /** Somebody who knew the first factor failed at the second. */
    async failed(trx: Db, account: Account, isPaused: boolean, context: RequestContext) {
      const { header, ...to } = addressed(account, context)
      await outbox.enqueue(trx, {
        kind: "second-factor-failed",
        ...to,
        payload: { ...header, failed_at: new Date().toISOString(), is_paused: isPaused },
        expiresInSeconds: NOTICE_TTL_SECONDS,
      })
    },
  }
}
