import type { Logger } from "@gatepost/runtime"
import { type Request, type RequestHandler, type Response, Router } from "express"
import { assertAccess } from "./authenticate.js"
import { jsonBody } from "./body-parser.js"
import { addressOf, contextOf } from "./context.js"
import { callsOf, type DialectCall, dialects, type Json } from "./dialects.js"
import { readIdempotencyKey, readInput } from "./input.js"
import { counterKey, type Limiter } from "./limits.js"
import { markKnown } from "./middlewares/unknown-callers.js"
import { Problem, type ProblemCode } from "./problems/index.js"
import { NotModified, revalidator } from "./revalidation.js"
import { type AnyRoute, type Caller, type RequestContext, sharedProblems } from "./route.js"
import { isFailure, settle } from "./settle.js"
import { textOf } from "./written.js"

export interface MountOptions {
  logger: Logger
  limiter: Limiter
  /** Who sent this request; @throws Problem `token.missing` or `token.invalid` */
  authenticate(req: Request): Promise<Caller>
  bodyLimitBytes: number
  /** Keeps who was refused what, beyond the log's line of it (ASVS 16.3.2). */
  onForbidden?(refusal: Forbidden): Promise<void>
}

/** Somebody asked for what they may not. */
export interface Forbidden {
  caller: Caller
  method: string
  /** As the route has it, so without anybody's ids. */
  path: string
  code: ProblemCode
  context: RequestContext
}

/** Every route in every dialect. */
export interface MountedRoutes {
  /** Those at paths without parameters: found at once, while Express asks one route after the other. */
  direct: RequestHandler
  /** The others, and 405 with `Allow` for all other methods. Goes behind pages at the same paths. */
  others: Router
}

const STRICT = { caseSensitive: true, strict: true }

export function mountRoutes(routes: readonly AnyRoute[], options: MountOptions): MountedRoutes {
  const byPath = new Map<string, Router>()
  const others = Router(STRICT)
  const methodsByPath = new Map<string, Set<string>>()

  for (const route of routes) {
    const body = route.body ? jsonBody(options.bodyLimitBytes, route.isBodyOptional) : []
    for (const { path: called, call } of spellings(route)) {
      const path = called.replaceAll(/\{(\w+)\}/g, ":$1")
      const router = path.includes(":") ? others : (byPath.get(path) ?? Router(STRICT))
      router[route.method](path, ...body, answerRoute(route, call, options))
      if (router !== others) byPath.set(path, router)
      const methods = methodsByPath.get(path) ?? new Set<string>()
      methodsByPath.set(path, methods.add(route.method.toUpperCase()))
    }
  }
  for (const [path, methods] of methodsByPath) {
    others.all(path, () => {
      throw new Problem("request.method-not-allowed", { headers: { Allow: [...methods].join(", ") } })
    })
  }
  const direct: RequestHandler = (req, res, next) => {
    const router = byPath.get(req.path)
    if (router) router(req, res, next)
    else next()
  }
  return { direct, others }
}

/** A route in every dialect, each where its clients call it. */
const spellings = (route: AnyRoute) =>
  dialects.flatMap((dialect) =>
    callsOf(dialect, route).map((call) => ({ path: dialect.prefix + (call.path ?? route.path), call })),
  )

function answerRoute(route: AnyRoute, call: DialectCall, options: MountOptions): RequestHandler {
  const own = Object.keys(call.problems ?? {})
  const declared = new Set<string>([...sharedProblems(route), ...route.problems, ...own, "server.busy"])

  const identify = async (req: Request, res: Response): Promise<Caller | undefined> => {
    if (route.access === "public") return undefined
    const caller = await options.authenticate(req)
    markKnown(res)
    res.locals.caller = caller
    assertAccess(caller, route.access)
    if (route.callerLimit) await options.limiter.admit(route.callerLimit, callerKey(caller))
    return caller
  }
  const work = async (req: Request, res: Response): Promise<string> => {
    const caller = await identify(req, res)
    const { body, ...input } = readInput(route, req, call.input)
    const idempotency = route.idempotent ? readIdempotencyKey(req) : undefined
    const context = { ...contextOf(req, res, options.logger), idempotency }
    if (route.revalidated) context.revalidate = revalidator(req, res)
    const result = await route.handle({ ...input, body: body?.read, caller, context })
    const text = textOf(result)
    if (text !== undefined && !call.answer) return text
    const answer = route.success.body.parse(text === undefined ? result : JSON.parse(text)) as Json
    return JSON.stringify(call.answer ? call.answer(answer, body?.sent ?? {}) : answer)
  }

  const noteForbidden = async (req: Request, res: Response, problem: unknown) => {
    const caller: Caller | undefined = res.locals.caller
    if (!caller || !(problem instanceof Problem) || problem.status !== 403) return
    const { method, path } = route
    const context = contextOf(req, res, options.logger)
    const refused = { method: method.toUpperCase(), path, code: problem.code, request_id: context.requestId }
    options.logger.warn({ ...refused, caller: idOf(caller) }, "somebody asked for what they may not")
    try {
      await options.onForbidden?.({ ...refused, caller, context })
    } catch (cause) {
      options.logger.warn({ err: cause, ...refused }, "a refusal could not be kept")
    }
  }

  return async (req, res) => {
    // The error handler words a refusal as this call does.
    res.locals.call = call
    const ip = addressOf(req)
    await options.limiter.admit(route.limit, ip)
    let body: string
    try {
      body = await work(req, res)
    } catch (error) {
      if (error instanceof NotModified) {
        await settle(options, route.limit, ip)
        return void res.status(304).setHeader("Cache-Control", "no-store").end()
      }
      res.removeHeader("ETag")
      const problem = declaredOnly(error, declared, route)
      if (!isFailure(problem)) markKnown(res)
      await settle(options, route.limit, ip, problem)
      await noteForbidden(req, res, problem)
      throw problem
    }
    await settle(options, route.limit, ip)
    res.statusCode = route.success.status
    res.setHeader("Cache-Control", "no-store")
    res.setHeader("Content-Type", "application/json; charset=utf-8")
    res.end(body)
  }
}

export const callerKey = (caller: Caller): string => counterKey(idOf(caller))

const idOf = (caller: Caller): string => (caller.kind === "user" ? caller.userId : caller.clientId)

/** A refusal that the route does not name is a fault of ours. */
function declaredOnly(error: unknown, declared: ReadonlySet<string>, route: AnyRoute): unknown {
  if (!(error instanceof Problem) || error.status >= 500 || declared.has(error.code)) return error
  const cause = new Error(`${route.path} does not declare ${error.code}`)
  return new Problem("server.unexpected", { cause })
}
