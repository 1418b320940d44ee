export { createCursors } from "./cursors.js"
export { inboxRoutes } from "./inbox.routes.js"
export { createInboxService, type InboxService } from "./inbox.service.js"
