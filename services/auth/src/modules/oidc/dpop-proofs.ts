import { type Clock, parseJson } from "@gatepost/runtime"
