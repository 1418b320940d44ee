// What signing in can't do without: one verification, with our hasher's library, cost and gate.
import { availableParallelism } from "node:os"
import { type Algorithm, hash, verify } from "@node-rs/argon2"
import { bareExpress, listen } from "./listen.js"

const PASSWORD = "correct horse battery staple"
const ARGON2ID: Algorithm.Argon2id = 2
const CONCURRENCY = Math.min(availableParallelism(), 2)

const stored = await hash(PASSWORD, {
  algorithm: ARGON2ID,
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
  outputLen: 32,
})
const waiting: (() => void)[] = []
let running = 0

async function verifyInTurn(): Promise<boolean> {
  if (running < CONCURRENCY) running++
  else await new Promise<void>((resolve) => waiting.push(resolve))
  try {
    return await verify(stored, PASSWORD)
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running--
  }
}

await listen(
  bareExpress().post("/", async (_req, res) => {
    res.status((await verifyInTurn()) ? 200 : 401).json({})
  }),
)
