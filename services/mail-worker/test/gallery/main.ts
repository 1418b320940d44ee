import { readApps } from "../support/apps.js"
import { startGallery } from "./server.js"

const { url } = await startGallery(readApps(process.env.APPS_FILE), Number(process.env.PORT ?? 0))
console.log(`Every mail, in every language and for every app: ${url}  (Ctrl-C stops it)`)
