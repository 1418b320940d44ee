export { type BackchannelLogout, openBackchannelLogout } from "./backchannel-logout.service.js"
