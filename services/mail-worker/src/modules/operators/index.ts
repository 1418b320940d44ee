import type { ServiceCaller } from "@gatepost/http"

/** How a timeline names who acted by the admin API. */
export const byClient = ({ clientId }: ServiceCaller): string => `client ${clientId}`

/** How a timeline names who acted by `npm run mail`. */
export const byCommand = (user: string): string => `${user}, by command`
