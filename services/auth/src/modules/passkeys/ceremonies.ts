import { randomBytes } from "node:crypto"
import type { Database, Db } from "@gatepost/postgres"
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server"
import type { Account } from "../accounts/index.js"
import { type AuditSource, insertAuditEvent } from "../audit/index.js"
import { type Ceremony, passkeyChallengesRepository } from "./passkey-challenges.repository.js"
import type { PasskeySite } from "./passkey-origins.js"
import { type Passkey, passkeysRepository } from "./passkeys.repository.js"
import type { Assertion, Attestation } from "./passkeys.schemas.js"

export type PasskeyCeremonies = ReturnType<typeof createPasskeyCeremonies>

/** A passkey that answered a challenge; nothing is done with it yet. */
export interface ProvedPasskey {
  passkey: Passkey
  signCount: number
  /** RFC 8176: in hardware or not, with its person verified: two factors in one. */
  amr: string[]
}

/** What the browser or the app hands to WebAuthn, as JSON. */
export type PasskeyOptions = { challenge: string } & Record<string, unknown>

// SECURITY.md section 2.
const CHALLENGE_BYTES = 32
const TTL_SECONDS = 300

// Ed25519, ES256, RS256 (COSE).
const ALGORITHMS = [-8, -7, -257]

/** WebAuthn's two ceremonies; every challenge is made and kept here, and answered once (check 100). */
export function createPasskeyCeremonies({ database, site }: { database: Database; site: PasskeySite }) {
  return {
    async registrationOptions(account: Account): Promise<PasskeyOptions> {
      const known = await passkeysRepository(database.db).listOf(account.id)
      const options = await generateRegistrationOptions({
        rpName: site.rpName,
        rpID: site.rpId,
        userName: account.email,
        userDisplayName: account.name ?? account.email,
        userID: handleOf(account.id),
        challenge: await newChallenge(registrationOf(account)),
        timeout: TTL_SECONDS * 1000,
        attestationType: "none",
        excludeCredentials: known.map(toDescriptor),
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
        supportedAlgorithmIDs: ALGORITHMS,
      })
      return { ...options }
    },

    /** The options for a sign-in have no list: the authenticator knows who somebody is. */
    async assertionOptions(ceremony: Ceremony): Promise<PasskeyOptions> {
      const { accountId } = ceremony
      const known = accountId ? await passkeysRepository(database.db).listOf(accountId) : []
      const options = await generateAuthenticationOptions({
        rpID: site.rpId,
        challenge: await newChallenge(ceremony),
        timeout: TTL_SECONDS * 1000,
        allowCredentials: known.map(toDescriptor),
        userVerification: "required",
      })
      return { ...options }
    },

    /** @returns what to store of a new passkey, or nothing whatever was wrong */
    async verifyAttestation(response: Attestation, account: Account) {
      const challenge = await consumed(response.response.clientDataJSON, registrationOf(account))
      if (!challenge) return undefined
      const { verified, registrationInfo } = await unlessThrown(
        verifyRegistrationResponse({
          response: response as never,
          expectedChallenge: challenge,
          expectedOrigin: site.origins,
          expectedRPID: site.rpId,
          requireUserVerification: true,
          supportedAlgorithmIDs: ALGORITHMS,
        }),
      )
      if (!verified || !registrationInfo) return undefined
      const { credential, aaguid, credentialDeviceType } = registrationInfo
      return {
        credentialId: credential.id,
        publicKey: Buffer.from(credential.publicKey),
        signCount: credential.counter,
        aaguid,
        isSynced: credentialDeviceType === "multiDevice",
      }
    },

    /** @returns the passkey that answered, or nothing whatever was wrong */
    async verifyAssertion(response: Assertion, ceremony: Ceremony): Promise<ProvedPasskey | undefined> {
      const challenge = await consumed(response.response.clientDataJSON, ceremony)
      const passkey = await passkeysRepository(database.db).findByCredential(response.id)
      if (!challenge || !passkey || !isOf(passkey, response, ceremony)) return undefined
      const { verified, authenticationInfo } = await unlessThrown(
        verifyAuthenticationResponse({
          response: response as never,
          expectedChallenge: challenge,
          expectedOrigin: site.origins,
          expectedRPID: site.rpId,
          requireUserVerification: true,
          // A count that goes back is looked at where it is stored, once the signature is known to be right.
          credential: { id: passkey.credentialId, publicKey: new Uint8Array(passkey.publicKey), counter: 0 },
        }),
      )
      // A wrong signature does not throw.
      if (!verified || !authenticationInfo) return undefined
      const amr = [passkey.isSynced ? "swk" : "hwk", "user", "mfa"]
      return { passkey, signCount: authenticationInfo.newCounter, amr }
    },

    /**
     * The use of a passkey, in the transaction of what it is for. A count that goes back tells of a copy
     * (WebAuthn section 6.1.1): it is noted, and nothing else happens.
     *
     * @returns when, in seconds since 1970
     */
    async use(
      trx: Db,
      { passkey, signCount }: ProvedPasskey,
      source: AuditSource,
    ): Promise<number | undefined> {
      const at = await passkeysRepository(trx).updateUsed(passkey.id, signCount)
      if (at !== undefined) return at
      await passkeysRepository(trx).updateRegressed(passkey.id)
      const event = { event: "passkey.counter-regressed", outcome: "failure" } as const
      const detail = { passkey_id: passkey.id, sign_count: signCount }
      await insertAuditEvent(trx, { ...event, accountId: passkey.accountId, detail }, source)
      return undefined
    },

    sweep: () => passkeyChallengesRepository(database.db).deleteExpired(),
  }

  async function newChallenge(ceremony: Ceremony): Promise<Uint8Array<ArrayBuffer>> {
    const challenge = randomBytes(CHALLENGE_BYTES)
    await passkeyChallengesRepository(database.db).insertChallenge(challenge, ceremony, TTL_SECONDS)
    return new Uint8Array(challenge)
  }

  /** The challenge that an authenticator says it answered, if it was an open one of this ceremony. */
  async function consumed(clientDataJson: string, ceremony: Ceremony): Promise<string | undefined> {
    const challenge = challengeIn(clientDataJson)
    if (!challenge) return undefined
    const bytes = Buffer.from(challenge, "base64url")
    const isOpen = await passkeyChallengesRepository(database.db).consumeChallenge(bytes, ceremony)
    return isOpen ? challenge : undefined
  }
}

const registrationOf = ({ id }: Account): Ceremony => ({
  purpose: "register",
  accountId: id,
  boundTo: "account",
})

/** The user handle: the account's id, which says nothing of its person (WebAuthn section 14.6.1). */
const handleOf = (accountId: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.from(accountId.replaceAll("-", ""), "hex"))

function isOf(passkey: Passkey, { response }: Assertion, { accountId }: Ceremony): boolean {
  if (accountId !== undefined && passkey.accountId !== accountId) return false
  const handle = Buffer.from(handleOf(passkey.accountId)).toString("base64url")
  // WebAuthn section 7.2, step 6: where nobody was known before, it has to be there.
  if (response.userHandle) return response.userHandle === handle
  return accountId !== undefined
}

const toDescriptor = ({ credentialId, transports }: Passkey) => ({ id: credentialId, transports })

function challengeIn(clientDataJson: string): string | undefined {
  try {
    const { challenge } = JSON.parse(Buffer.from(clientDataJson, "base64url").toString())
    return typeof challenge === "string" ? challenge : undefined
  } catch {
    return undefined
  }
}

/** The library says what is wrong by throwing; callers hear only that something is. */
async function unlessThrown<Result extends object>(work: Promise<Result>): Promise<Partial<Result>> {
  try {
    return await work
  } catch {
    return {}
  }
}
