import { Problem } from "@gatepost/http"
import type { Database, Db } from "@gatepost/postgres"
import { randomToken, sha256 } from "@gatepost/runtime"
import type { Apps } from "../apps/index.js"
import { type AuditEventName, type AuditSource, insertAuditEvent } from "../audit/index.js"
import {
  type AuthMethod,
  type ServiceClientRecord,
  serviceClientsRepository,
} from "./service-clients.repository.js"

export interface NewServiceClient {
  clientId: string
  clientName: string
  scopes: readonly string[]
  authMethod: AuthMethod
  jwks: object | undefined
  expiresInDays: number
}

/** What is shown once. */
export interface NewSecret {
  client: ServiceClientRecord
  /** None with `private_key_jwt`. */
  secret: string | undefined
}

/** Who does it: an account, or an operator at the command line. */
export interface Actor extends Partial<AuditSource> {
  by: string
}

export type ServiceClients = ReturnType<typeof createServiceClients>

const DAY_SECONDS = 86_400
/** That of the settings. */
const BUILT_IN = "backend"

/** Programs that sign in for themselves at the token endpoint. */
export function createServiceClients({ database, apps }: { database: Database; apps: Apps }) {
  const clients = serviceClientsRepository(database.db)

  return {
    list: () => clients.listLive(),

    /** @throws Problem `service-client.taken` */
    async create({ expiresInDays, ...client }: NewServiceClient, actor: Actor): Promise<NewSecret> {
      const { clientId, authMethod } = client
      if (clientId === BUILT_IN || apps.find(clientId)) throw new Problem("service-client.taken")
      const secret = authMethod === "private_key_jwt" ? undefined : newSecret()
      const isNew = await database.transaction(async (trx) => {
        if (!(await serviceClientsRepository(trx).insertClient(client))) return false
        if (secret) await insertSecret(trx, clientId, secret, expiresInDays)
        await audit(trx, "service-client.created", clientId, actor)
        return true
      })
      if (!isNew) throw new Problem("service-client.taken")
      return { client: await find(clientId), secret }
    },

    /**
     * A new secret; those before it are taken for a while, so that nothing stands still.
     *
     * @throws Problem `service-client.not-found`
     */
    async rotate(
      clientId: string,
      { overlapSeconds, expiresInDays }: { overlapSeconds: number; expiresInDays: number },
      actor: Actor,
    ): Promise<NewSecret> {
      const client = await find(clientId)
      if (client.authMethod === "private_key_jwt") throw new Problem("service-client.not-found")
      const secret = newSecret()
      await database.transaction(async (trx) => {
        if (!(await serviceClientsRepository(trx).lockLive(clientId))) return
        await serviceClientsRepository(trx).updateSecretsEnding(clientId, overlapSeconds)
        await insertSecret(trx, clientId, secret, expiresInDays)
        await audit(trx, "service-client.rotated", clientId, actor)
      })
      return { client: await find(clientId), secret }
    },

    /** It gets no token from now on. @throws Problem `service-client.not-found` */
    async revoke(clientId: string, actor: Actor): Promise<void> {
      const isRevoked = await database.transaction(async (trx) => {
        if (!(await serviceClientsRepository(trx).updateRevoked(clientId))) return false
        await audit(trx, "service-client.revoked", clientId, actor)
        return true
      })
      if (!isRevoked) throw new Problem("service-client.not-found")
    },

    findLive: (clientId: string) => clients.findLive(clientId),

    /** Whether a client that got a token still has its place: those of the settings do. */
    isLive: async (clientId: string): Promise<boolean> =>
      clientId === BUILT_IN || (await clients.findLive(clientId)) !== undefined,

    isSecret: (clientId: string, secret: string): Promise<boolean> =>
      clients.isLiveSecret(clientId, sha256(secret)),

    sweep: () => clients.deleteExpiredSecrets(),
  }

  async function find(clientId: string): Promise<ServiceClientRecord> {
    const client = await clients.findLive(clientId)
    if (!client) throw new Problem("service-client.not-found")
    return client
  }
}

const insertSecret = (trx: Db, clientId: string, secret: string, days: number) =>
  serviceClientsRepository(trx).insertSecret({
    clientId,
    secretHash: sha256(secret),
    ttlSeconds: days * DAY_SECONDS,
  })

function audit(trx: Db, event: AuditEventName, clientId: string, { by, ...source }: Actor): Promise<void> {
  return insertAuditEvent(trx, { event, outcome: "success", clientId, detail: { by } }, source)
}

/** 256 random bits, and what scanners for leaked secrets know it by. */
const newSecret = (): string => `gpc_${randomToken()}`
