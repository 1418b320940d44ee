export { catalogue, type ProblemCode } from "./catalogue.js"
export { type FieldError, Problem, type ProblemOptions } from "./problem.js"
