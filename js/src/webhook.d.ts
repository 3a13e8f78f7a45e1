// Whether a webhook delivery is Zendesk's: verified, read, and answered.
export {
  adviseWebhook as advise,
  explainWebhook as explain,
  parseWebhook as parse,
  receiveWebhook as receive,
  signWebhook as sign,
  verifyWebhook as verify,
} from "../dist/agentfold.js";
