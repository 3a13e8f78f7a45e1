// What every entry point gives, once it has handed the module to the glue.
export {
  corrections,
  checkEvent,
  ExportCursor,
  answerExport,
  buckets,
  Fold,
  parseEvent,
  printEvent,
  Records,
  Scrubber,
  toCloudEvent,
  toldCorrections,
} from "../dist/agentfold.js";
export { AgentfoldError } from "./error.js";
export { exportEvents } from "./export-events.js";
export { readEvents } from "./read-events.js";
export { receive } from "./receive.js";
export * as webhook from "./webhook.js";
