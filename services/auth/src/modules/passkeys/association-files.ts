import { Router } from "express"
import type { Apps } from "../apps/index.js"

const ONE_HOUR = "public, max-age=3600"

/**
 * What tells Android and Apple which apps may use this site's passkeys; they ask the site itself for it. Where
 * no app is named there is no file.
 */
export function associationFiles(apps: Apps): Router {
  const own = apps.list().filter(({ first_party }) => first_party)
  const android = own.flatMap(({ android_apps }) => android_apps)
  const apple = own.flatMap(({ apple_app_ids }) => apple_app_ids)
  const router = Router({ caseSensitive: true, strict: true })

  if (android.length > 0) {
    const relation = ["delegate_permission/common.get_login_creds"]
    const statements = android.map((app) => ({ relation, target: { namespace: "android_app", ...app } }))
    router.get("/.well-known/assetlinks.json", (_req, res) => {
      res.set("Cache-Control", ONE_HOUR).json(statements)
    })
  }
  if (apple.length > 0) {
    router.get("/.well-known/apple-app-site-association", (_req, res) => {
      res.set("Cache-Control", ONE_HOUR).json({ webcredentials: { apps: apple } })
    })
  }
  return router
}
