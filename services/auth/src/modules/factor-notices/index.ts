export { createFactorNotices, type FactorNotices } from "./factor-notices.service.js"
