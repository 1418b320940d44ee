import { route, said } from "@gatepost/http"
import {
  DeviceList,
  DeviceParams,
  DeviceView,
  RegisterDeviceBody,
  toDeviceView,
  WebPushKey,
} from "./devices.schemas.js"
import type { DevicesService } from "./devices.service.js"

/** @param webPushKey our public key, where Web Push is on */
export const devicesRoutes = (devices: DevicesService, webPushKey: string | undefined) => [
  route({
    method: "get",
    path: "/notifications/web-push-key",
    summary: "The key that a browser subscribes with",
    tag: "Devices",
    access: "public",
    limit: "none",
    success: { status: 200, body: WebPushKey },
    problems: [],
    handle: async () => ({ public_key: webPushKey ?? null }),
  }),
  route({
    method: "put",
    path: "/notifications/devices",
    summary:
      "Get notifications on this device; call it at each start of the app, so that the device counts as in use",
    tag: "Devices",
    access: { user: "notifications:read" },
    limit: "none",
    callerLimit: "caller",
    body: RegisterDeviceBody,
    success: { status: 200, body: DeviceView },
    problems: [],
    handle: async ({ body, caller }) => toDeviceView(await devices.register(caller.userId, body)),
  }),
  route({
    method: "get",
    path: "/notifications/devices",
    summary: "List your devices, the last seen first",
    tag: "Devices",
    access: { user: "notifications:read" },
    limit: "none",
    callerLimit: "caller",
    success: { status: 200, body: DeviceList },
    problems: [],
    handle: async ({ caller }) => ({
      items: (await devices.list(caller.userId)).map(toDeviceView),
      next_cursor: null,
    }),
  }),
  route({
    method: "delete",
    path: "/notifications/devices/{id}",
    summary: "Get no more notifications on a device; call it at sign-out",
    tag: "Devices",
    access: { user: "notifications:read" },
    limit: "none",
    callerLimit: "caller",
    params: DeviceParams,
    success: { status: 200, body: said("The device gets no more notifications") },
    problems: ["device.not-found"],
    handle: async ({ params, caller }) => {
      await devices.remove(caller.userId, params.id)
      return {}
    },
  }),
]
