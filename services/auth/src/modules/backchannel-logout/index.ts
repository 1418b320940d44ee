export { openBackchannelLogout } from "./backchannel-logout.service.js"
