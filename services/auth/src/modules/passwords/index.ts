export { createGate, type Gate, type GateOptions } from "./gate.js"
export { createHasher, type HashCost, type Hasher } from "./hasher.js"
export { newPassword, PresentedPassword } from "./passwords.schemas.js"
