export { type Channels, openChannels } from "./channels.service.js"
export type { OutgoingMessage } from "./channels.types.js"
