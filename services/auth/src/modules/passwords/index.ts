export { createGate, type Gate, type GateOptions } from "./gate.js"
export { createHasher, type HashCost, type Hasher } from "./hasher.js"
export { ImportedPasswordHash, newPassword, PresentedPassword } from "./passwords.schemas.js"
export { createStandIns, type HashKind, type StandIns } from "./stand-ins.js"
