import { Fact, MAX_FACTS } from "@gatepost/contracts"
import { z } from "zod"

export const LearnBody = z.object({ facts: z.array(Fact).min(1).max(MAX_FACTS) }).meta({ id: "Facts" })
