import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto"
import { PUBLIC_URL } from "./setup.js"

/** A passkey in software: what an authenticator and its browser say, with each part open to lies. */
export interface SoftwarePasskey {
  credentialId: Buffer
  privateKey: KeyObject
  userHandle: string
  signCount: number
}

export interface Ceremony {
  challenge: string
  origin?: string
  rpId?: string
  isVerified?: boolean
  type?: string
  userHandle?: string | null
}

type Options = { challenge: string; user?: { id: string } }

const hash = (data: string | Buffer) => createHash("sha256").update(data).digest()

/** CBOR (RFC 8949), as much as an attestation needs. */
function cbor(value: number | string | Buffer | Map<number | string, unknown>): Buffer {
  if (typeof value === "number") return value < 0 ? head(1, -1 - value) : head(0, value)
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value])
  if (typeof value === "string") return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  const pairs = [...value].flatMap(([key, item]) => [cbor(key), cbor(item as never)])
  return Buffer.concat([head(5, value.size), ...pairs])
}

function head(major: number, length: number): Buffer {
  if (length < 24) return Buffer.from([(major << 5) | length])
  if (length < 256) return Buffer.from([(major << 5) | 24, length])
  return Buffer.from([(major << 5) | 25, length >> 8, length & 255])
}

const clientData = ({ challenge, origin = PUBLIC_URL }: Ceremony, type: string) =>
  Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false })).toString("base64url")

function authenticatorData(
  { rpId = "localhost", isVerified = true }: Ceremony,
  count: number,
  rest?: Buffer,
) {
  const flags = 0x01 | (isVerified ? 0x04 : 0) | (rest ? 0x40 : 0)
  const counter = Buffer.alloc(4)
  counter.writeUInt32BE(count)
  return Buffer.concat([hash(rpId), Buffer.from([flags]), counter, rest ?? Buffer.alloc(0)])
}

/** Makes a passkey for these options. */
export function createPasskey(options: Options, lies: Partial<Ceremony> = {}) {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const { x = "", y = "" } = publicKey.export({ format: "jwk" })
  const credentialId = randomBytes(32)
  const ceremony = { challenge: options.challenge, ...lies }
  const coordinates = [x, y].map((text) => Buffer.from(text, "base64url"))
  const key = new Map<number, unknown>([
    [1, 2],
    [3, -7],
    [-1, 1],
    [-2, coordinates[0]],
    [-3, coordinates[1]],
  ])
  const size = Buffer.from([0, credentialId.length])
  const attested = Buffer.concat([Buffer.alloc(16), size, credentialId, cbor(key)])
  const authData = authenticatorData(ceremony, 0, attested)
  const attestation = new Map<string, unknown>([
    ["fmt", "none"],
    ["attStmt", new Map()],
    ["authData", authData],
  ])
  const passkey: SoftwarePasskey = {
    credentialId,
    privateKey,
    userHandle: options.user?.id ?? "",
    signCount: 0,
  }
  const credential = {
    ...idsOf(passkey),
    response: {
      clientDataJSON: clientData(ceremony, lies.type ?? "webauthn.create"),
      attestationObject: cbor(attestation).toString("base64url"),
      transports: ["internal"],
    },
  }
  return { passkey, credential }
}

/** Answers these options with a passkey, whose count goes one further. */
export function assertPasskey(passkey: SoftwarePasskey, options: Options, lies: Partial<Ceremony> = {}) {
  const ceremony = { challenge: options.challenge, ...lies }
  passkey.signCount += 1
  const authData = authenticatorData(ceremony, passkey.signCount)
  const clientDataJSON = clientData(ceremony, lies.type ?? "webauthn.get")
  const signed = Buffer.concat([authData, hash(Buffer.from(clientDataJSON, "base64url"))])
  return {
    ...idsOf(passkey),
    response: {
      clientDataJSON,
      authenticatorData: authData.toString("base64url"),
      signature: sign("sha256", signed, passkey.privateKey).toString("base64url"),
      userHandle: lies.userHandle === undefined ? passkey.userHandle : lies.userHandle,
    },
  }
}

const idsOf = ({ credentialId }: SoftwarePasskey) => ({
  id: credentialId.toString("base64url"),
  rawId: credentialId.toString("base64url"),
  type: "public-key",
  clientExtensionResults: {},
})
