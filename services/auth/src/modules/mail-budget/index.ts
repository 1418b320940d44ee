export { withMailBudget } from "./mail-budget.js"
export { withMailPace } from "./mail-pace.js"
