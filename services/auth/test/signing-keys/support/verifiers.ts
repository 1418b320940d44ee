import { spawn, spawnSync } from "node:child_process"
import { createInterface } from "node:readline"
import { createVerifier } from "@gatepost/token-verifier"
import { createRemoteJWKSet, jwtVerify } from "jose"
import { PUBLIC_URL } from "../../support/setup.js"

/** Somebody's resource server: it has the URL of the keys, and judges tokens. */
export interface ResourceServer {
  /** Why a token is refused, if it is. */
  refusalOf(token: string): Promise<string | undefined>
  stop(): void
}

const issuer = `${PUBLIC_URL}/oidc`
const audience = PUBLIC_URL

export function ourVerifier(jwksUrl: string, clock: () => number): ResourceServer {
  const freshness = { cooldownSeconds: 1, cacheMaxAgeSeconds: 1, cacheSize: 0 }
  const verifier = createVerifier({ issuer, audience, jwksUrl, clock, ...freshness })
  return {
    refusalOf: (token) => verifier.verify(token).then(() => undefined, String),
    stop() {},
  }
}

export function joseVerifier(jwksUrl: string, freshMs: number): ResourceServer {
  const keys = createRemoteJWKSet(new URL(jwksUrl), { cooldownDuration: freshMs, cacheMaxAge: freshMs })
  return {
    refusalOf: (token) => jwtVerify(token, keys, { issuer, audience }).then(() => undefined, String),
    stop() {},
  }
}

const PYTHON = `
import sys, jwt
url, issuer, audience, fresh = sys.argv[1:]
keys = jwt.PyJWKClient(url, lifespan=float(fresh))
for line in sys.stdin:
    token = line.strip()
    try:
        key = keys.get_signing_key_from_jwt(token).key
        jwt.decode(token, key, algorithms=["RS256"], issuer=issuer, audience=audience)
        print("", flush=True)
    except Exception as fault:
        print(repr(fault), flush=True)
`

/** Debian's own first: another one in front of it has no python3-jwt. */
const findPython = () =>
  ["/usr/bin/python3", "python3"].find(
    (python) => spawnSync(python, ["-c", "import jwt, cryptography; jwt.PyJWKClient"]).status === 0,
  )

/** PyJWT, where it is installed (Debian: python3-jwt, python3-cryptography). */
export function pyJwtVerifier(jwksUrl: string, freshMs: number): ResourceServer | undefined {
  const python = findPython()
  if (!python) return undefined
  const args = ["-c", PYTHON, jwksUrl, issuer, audience, String(freshMs / 1000)]
  const child = spawn(python, args, { stdio: ["pipe", "pipe", "inherit"] })
  const waiting: ((line: string) => void)[] = []
  createInterface(child.stdout).on("line", (line) => waiting.shift()?.(line))
  return {
    async refusalOf(token) {
      const answer = new Promise<string>((resolve) => waiting.push(resolve))
      child.stdin.write(`${token}\n`)
      return (await answer) || undefined
    },
    stop: () => child.stdin.end(),
  }
}
