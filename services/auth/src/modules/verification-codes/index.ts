export { verificationCodesRoutes } from "./verification-codes.routes.js"
export {
  createVerificationCodesService,
  type VerificationCodesService,
} from "./verification-codes.service.js"
