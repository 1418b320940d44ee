export { type NotificationsFeed, openNotificationsFeed } from "./notifications-feed.service.js"
