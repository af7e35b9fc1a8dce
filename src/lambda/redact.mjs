// Slack's tokens and the secret part of its webhooks, out of any text from outside: whoever reads a channel may not post in
// another. trailbell's own `redact` looks for the same.

const SECRETS = [
  /\b(xox[abprs]-|xoxe[-.]|xapp-)[^\s"'`,}\])<>\u240a]+/g,
  /(hooks\.slack(?:-gov)?\.com\/)[^\s"'`,}\])<>\u240a]+/g,
];

/** The text with `***` in place of secrets, after what tells their kind. */
export const redacted = (text) => SECRETS.reduce((shown, secret) => shown.replace(secret, "$1***"), text);
