import { fileURLToPath } from "node:url"

/** The folder of this clone of the repository. */
export const CLONE = fileURLToPath(new URL("../../../", import.meta.url))
