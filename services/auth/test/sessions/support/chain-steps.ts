import fc from "fast-check"

export type Party = "owner" | "thief"

const party = fc.constantFrom<Party>("owner", "thief")
const door = fc.constantFrom("json", "oidc")
// Their sums stay away from the window, so that the seconds of a run don't matter.
const seconds = fc.constantFrom(25, 40, 70)

/** One refresh: with the newest token that somebody has, or one so many before it. */
export interface Use {
  by: Party
  tokensBack: number
  door: string
  isAnswerLost: boolean
}
export type Step = { uses: Use[] } | { steal: true } | { wait: number }

const tokensBack = fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat({ max: 3 }))
const use: fc.Arbitrary<Use> = fc.record({ by: party, tokensBack, door, isAnswerLost: fc.boolean() })

/** The answers are lost, and it comes again after each pause. */
const badLine = fc
  .tuple(use, fc.array(seconds, { minLength: 1, maxLength: 3 }))
  .map(([each, pauses]): Step[] => [
    ...pauses.flatMap((pause) => [{ uses: [{ ...each, isAnswerLost: true }] }, { wait: pause }]),
    { uses: [each] },
  ])

/** What the owner of a session and a thief do with its refresh tokens, in any order, at both doors. */
export const steps: fc.Arbitrary<Step[]> = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: use.map((each): Step[] => [{ uses: [each] }]) },
      { weight: 3, arbitrary: fc.tuple(use, use).map((uses): Step[] => [{ uses }]) },
      { weight: 2, arbitrary: fc.constant<Step[]>([{ steal: true }]) },
      { weight: 2, arbitrary: seconds.map((wait): Step[] => [{ wait }]) },
      { weight: 2, arbitrary: badLine },
    ),
    { maxLength: 12, size: "max" },
  )
  .map((parts) => parts.flat())
