export { withMailBudget } from "./mail-budget.js"
