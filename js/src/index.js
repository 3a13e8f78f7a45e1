// The public API. Each entry point initialises the WebAssembly module and then exports this.
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
export { AgentfoldError } from "./error.js";
export { exportEvents } from "./export-events.js";
export { handlers } from "./handlers.js";
export { readEvents } from "./read-events.js";
export { receive } from "./receive.js";
export * as webhook from "./webhook.js";
