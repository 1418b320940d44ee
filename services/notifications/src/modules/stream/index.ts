export { followHints } from "./hints.js"
export { notificationStream, STREAM_PATHS } from "./stream.js"
export { streamRoutes } from "./stream.routes.js"
export { createStreamsService } from "./streams.service.js"
