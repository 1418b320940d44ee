import { Problem, type RequestContext } from "@gatepost/http"
import type { Database, Db } from "@gatepost/postgres"
import { type Account, accountsRepository } from "../accounts/index.js"
import { insertAuditEvent } from "../audit/index.js"
import type { Hasher, StandIns } from "../passwords/index.js"
import type { SignInGuard, Visitor } from "../sign-in-guard/index.js"
import type { SignInContext } from "./sessions.types.js"

export interface PasswordProofDeps {
  database: Database
  hasher: Hasher
  signInGuard: SignInGuard
  standIns: StandIns
}

export interface Credentials {
  email: string
  password: string
}

/** Who proves an account by its password. */
export function createPasswordProof({ database, hasher, signInGuard, standIns }: PasswordProofDeps) {
  return { findProved, whileUnchanged }

  /** The account behind an email and password with its hash of now, or nobody, after the same work. */
  async function findProved(credentials: Credentials, context: RequestContext & Visitor, isSignedIn = false) {
    const attempt = await signInGuard.begin(credentials.email, context, isSignedIn)
    const account = await accountsRepository(database.db).findCredentials(credentials.email)

    const stored = account?.passwordHash ?? standIns.of(credentials.email)
    const matches = await hasher.verify(stored, credentials.password)
    if (!account?.passwordHash || !matches || !account.isActive || attempt.needsApproval) {
      const refused = { event: "session.refused", outcome: "failure", accountId: account?.id } as const
      await insertAuditEvent(database.db, refused, context)
      return void (matches && account?.isActive && (await signInGuard.askOwner(account, context)))
    }
    await attempt.passed()
    const passwordHash = await renewed(account.id, account.passwordHash, credentials.password)
    return { ...account, passwordHash }
  }

  /** Does what proved credentials are for, in a transaction in which they can't change. */
  async function whileUnchanged<Result>(
    credentials: Credentials,
    context: SignInContext,
    work: (trx: Db, account: Account, at: number) => Promise<Result>,
  ): Promise<Result> {
    const attempt = async () => {
      const account = await findProved(credentials, context)
      if (!account) throw new Problem("session.credentials-invalid")

      return database.transaction(async (trx) => {
        // Either this sees the hash of a reset that came meanwhile, or the reset ends what comes of it (check 54).
        const at = await accountsRepository(trx).lockUnchanged(account.id, account.passwordHash)
        return at === undefined ? undefined : work(trx, account, at)
      })
    }
    // A second try, should the hash have changed between the check and the transaction.
    const result = (await attempt()) ?? (await attempt())
    if (!result) throw new Problem("session.credentials-invalid")
    return result
  }

  /** The hash that the account has now, in today's cost. */
  async function renewed(accountId: string, passwordHash: string, password: string): Promise<string> {
    if (!hasher.isOutdated(passwordHash)) return passwordHash
    const to = await hasher.hash(password)
    const changed = await accountsRepository(database.db).updatePasswordHash(accountId, {
      from: passwordHash,
      to,
    })
    return changed ? to : passwordHash
  }
}
