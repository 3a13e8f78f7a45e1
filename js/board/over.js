// What is over a threshold, in sentences.
import { alertMessage } from "agentfold/slim";

/** The maximum number of sentences for an account. */
const MOST = 100;

/** Returns the number of alerts of each account at an instant, and their sentences. */
export function alertsOf(fold, thresholds, at, names) {
  const accounts = {};
  for (const alert of fold.alerts(thresholds, at)) {
    const account = (accounts[alert.account_id] ??= { of: 0, texts: [] });
    account.of += 1;
    if (account.texts.length < MOST) account.texts.push(JSON.parse(alertMessage(alert, "began", { at, names })).text);
  }
  return accounts;
}
