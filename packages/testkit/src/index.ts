export { type TestDatabase, testDatabase } from "./database.js"
export { race } from "./race.js"
