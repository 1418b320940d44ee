export { countersRepository } from "./counters.repository.js"
export { signInGuardRoutes } from "./sign-in-guard.routes.js"
export {
  type Attempt,
  createSignInGuard,
  type SignInGuard,
  type Visitor,
} from "./sign-in-guard.service.js"
