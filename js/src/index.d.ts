export {
  corrections,
  checkEvent,
  ExportCursor,
  alertMessage,
  answerExport,
  buckets,
  episodes,
  Fold,
  parseEvent,
  parseNames,
  printEvent,
  Records,
  ReportSums,
  Scrubber,
  toCloudEvent,
  toldCorrections,
} from "../dist/agentfold.js";
export type * from "../dist/agentfold.js";
export { AgentfoldError } from "./error.js";
export { exportEvents, type ExportEventsOptions } from "./export-events.js";
export type * from "./fetch.js";
export {
  handlers,
  type ChangeHandlers,
  type ChangeOfValue,
  type EventHandlers,
  type Handleable,
  type HandledEvent,
  type Handlers,
} from "./handlers.js";
export { readEvents } from "./read-events.js";
export { receive, type Answered, type ReceiveOptions, type Stored } from "./receive.js";
export * as webhook from "./webhook.js";
