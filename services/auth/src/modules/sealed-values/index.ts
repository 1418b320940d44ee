export { type Resealed, resealAll, type SealedColumn } from "./sealed-values.service.js"
