// Verification and parsing of webhook deliveries.
export {
  adviseWebhook as advise,
  explainWebhook as explain,
  parseWebhook as parse,
  receiveWebhook as receive,
  signWebhook as sign,
  verifyWebhook as verify,
} from "../dist/agentfold.js";
