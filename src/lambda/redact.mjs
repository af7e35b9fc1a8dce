// Secrets out of any text from outside: people who read a channel must not get what someone put into the name of a bucket.
// trailbell's own `redact` looks for the same, and a test gives both the same texts. No pattern may begin again inside of what
// another beginning of it has passed: texts are long, and written by anyone.

/** Up to the end of a word. */
const WORD = String.raw`[^\s"'\`,}\])<>\u240a]+`;

const SECRETS = [
  // Slack's tokens, and what is secret of its webhooks.
  new RegExp(`(xox[abprs]-|xoxe[-.]|xapp-)${WORD}`, "g"),
  new RegExp(String.raw`(hooks\.slack(?:-gov)?\.com\/)${WORD}`, "g"),
  // Tokens of GitHub, GitLab, Stripe, npm, Anthropic, Google, SendGrid, and sessions of AWS.
  /(?<!\w)(gh[opsur]_|github_pat_|glpat-|[rs]k_live_|npm_(?=[A-Za-z0-9]{30})|sk-ant-|AIza|SG\.|IQoJb3JpZ2luX2|F[Qw]oGZXIvYXdz)[\w.=/+-]{16,}/g,
  // JSON web tokens, private keys, passwords in URLs.
  /(?<![\w-])(eyJ)[\w-]{8,}\.[\w-]{8,}[\w.=-]*/g,
  /(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)[^]*?(?=-----END|$(?![^]))/g,
  /(:\/\/[^\s"'`\/:@]*:)[^\s"'`\/@]+(?=@)/g,
];

/** As long as a secret access key of AWS, and no word of anything else. */
const KEY = /(?<![\w+/-])[A-Za-z0-9+/]{40}(?![\w+/=-])/g;
const isMixed = (word) => /[a-z]/.test(word) && /[A-Z]/.test(word) && /[0-9]/.test(word);

/** The text with `***` in place of secrets, after what tells their kind. */
export const redacted = (text) =>
  SECRETS.reduce((shown, secret) => shown.replace(secret, "$1***"), text).replace(KEY, (word) => (isMixed(word) ? "***" : word));
