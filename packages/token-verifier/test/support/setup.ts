import { createServer, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { createVerifier, requireAuth, type VerifierOptions } from "@gatepost/token-verifier"
import express, { type Express } from "express"
import supertest from "supertest"
import { AUDIENCE, ISSUER, keys, serviceClaims, signToken, userClaims } from "./signer.js"

const running: Server[] = []

/** Stops what the test started; for `afterEach`. */
export function stopServers(): void {
  for (const server of running.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
}

export async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  running.push(server)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export interface JwksServer {
  readonly url: string
  /** How many requests have come. */
  fetches: number
  publish(document: unknown): void
  answer: RequestListener
}

export async function startJwks(published: object[] = [keys.current.jwk]): Promise<JwksServer> {
  const origin = await listen((request, response) => {
    jwks.fetches += 1
    jwks.answer(request, response)
  })
  const jwks: JwksServer = {
    url: `${origin}/.well-known/jwks.json`,
    fetches: 0,
    publish(document) {
      jwks.answer = (_, response) => response.end(JSON.stringify(document))
    },
    answer: () => {},
  }
  jwks.publish({ keys: published })
  return jwks
}

/** From now on the key server takes requests and says nothing; resolves at the first one. */
export function hang(jwks: JwksServer): Promise<void> {
  return new Promise((resolve) => {
    jwks.answer = () => resolve()
  })
}

export interface Clock {
  (): number
  advance(seconds: number): void
}

export function createClock(): Clock {
  let nowMs = Math.floor(Date.now() / 1000) * 1000
  return Object.assign(() => nowMs, {
    advance(seconds: number) {
      nowMs += seconds * 1000
    },
  })
}

/** A resource server on Express in front of a key server: `/` needs a token, `/write` a scope as well. */
export async function setup(options: Partial<VerifierOptions> = {}, published?: object[]) {
  const jwks = await startJwks(published)
  const clock = createClock()
  const source = options.keys ? {} : { jwksUrl: jwks.url }
  const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, clock, ...source, ...options })
  const app: Express = express()
  app.get("/", requireAuth({ verifier }), (request, response) => void response.json(request.caller?.claims))
  app.get("/write", requireAuth({ verifier, scope: "notifications:write" }), (_, response) => {
    response.json({ written: true })
  })
  const http = supertest(await listen(app))
  const get = (token: string, path = "/") => http.get(path).set("authorization", `Bearer ${token}`)
  return {
    jwks,
    clock,
    verifier,
    http,
    get,
    userToken: (members: object = {}, header: object = {}, key = keys.current) =>
      signToken(userClaims(clock(), members), header, key),
    serviceToken: (members: object = {}) => signToken(serviceClaims(clock(), members)),
  }
}

export type Setup = Awaited<ReturnType<typeof setup>>
