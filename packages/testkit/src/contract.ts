/// <reference types="mocha" />
import assert from "node:assert/strict"
import {
  ignoresUnknownMembers,
  refusesOtherBodies,
  refusesUnfitJson,
  refusesUnfitParameters,
  refusesWrongMembers,
  survivesHostileTexts,
} from "./contract/bad-input.js"
import { type Call, callOf } from "./contract/call.js"
import { survivesGeneratedInput } from "./contract/generated-input.js"
import {
  answersGoodRequests,
  guardsItself,
  refusesOtherMethods,
  refusesOtherSpellings,
} from "./contract/posture.js"
import { type ContractRoute, type ContractTarget, DIALECTS } from "./contract/target.js"

export type { ContractRoute, ContractTarget, GoodInput } from "./contract/target.js"

/** Proves what every route of a service must hold, in every dialect (SECURITY.md sections 1.B and 6). */
export function describeContract(options: {
  name: string
  routes: readonly ContractRoute[]
  start(): Promise<ContractTarget>
}): void {
  describe(`the contract of ${options.name}`, () => {
    let target: ContractTarget
    before(async () => {
      target = await options.start()
    })
    after(() => target.stop())

    for (const route of options.routes) {
      describe(`${route.method} ${route.path}`, () => describeRoute(route, options.routes, () => target))
    }
    describe("all of it", () => {
      // check 14
      it("finds nothing under other spellings of a path", () => refusesOtherSpellings(options.routes, target))
      it("still answers every good request after all that", async () => {
        const [dialect = ""] = target.dialects ?? ["/v1"]
        for (const route of options.routes) await answersGoodRequests(callOf(route, target, dialect))
      })
    })
  })
}

function describeRoute(
  route: ContractRoute,
  routes: readonly ContractRoute[],
  target: () => ContractTarget,
): void {
  const test = (title: string, work: (call: Call, target: ContractTarget) => Promise<void>) =>
    it(title, async () => {
      for (const dialect of target().dialects ?? DIALECTS)
        await work(callOf(route, target(), dialect), target())
    })

  // check 39
  it("has a limit, as every public route that takes something must", () => {
    assert.notEqual(route.limit, undefined)
    if (route.access === "public" && (route.body || route.params)) assert.notEqual(route.limit, "none")
  })
  // checks 2 and 3
  test("answers a good request, as JSON that nobody may keep", answersGoodRequests)
  // check 9
  test("has no other methods", (call, target) => refusesOtherMethods(call, target, routes))
  // check 108
  if (route.access !== "public") test("lets nobody in without a token of the right kind", guardsItself)
  if (route.body) {
    // checks 10 and 11
    test("takes nothing but JSON in UTF-8, and not too much of it", refusesOtherBodies)
    // checks 10 to 13, 15, 20 and 21
    test("refuses JSON that is broken, ambiguous, polluting or too deep", refusesUnfitJson)
    // checks 12, 15, 16 and 21
    test("refuses wrong values of each member, and stores nothing", refusesWrongMembers)
    // check 22
    test("takes hostile texts for what they are", survivesHostileTexts)
    // check 19
    test("ignores unknown members, and never stores them", ignoresUnknownMembers)
  }
  // checks 13, 17, 20 and 21
  test("refuses unfit parameters", refusesUnfitParameters)
  // checks 15 and 21
  test("answers whatever generated request there is, by no fault of ours", survivesGeneratedInput)
}
