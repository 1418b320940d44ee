import { type AdminRouteParts, adminRoutes as authAdmin } from "@gatepost/auth/admin-routes"
import { routes as auth, type RouteParts } from "@gatepost/auth/routes"
import type { AnyRoute } from "@gatepost/http"
import { routes as notifications } from "@gatepost/notifications/routes"

// Handlers are not called here, so the routes need nothing to work with.
export const authRoutes = (): AnyRoute[] => auth({} as RouteParts, { minLength: 8 })

export const authAdminRoutes = (): AnyRoute[] => authAdmin({} as AdminRouteParts)

export const notificationsRoutes = (): AnyRoute[] => notifications({} as Parameters<typeof notifications>[0])

export const allRoutes = (): AnyRoute[] => [...authRoutes(), ...notificationsRoutes()]
