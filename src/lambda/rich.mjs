// The pieces of Slack's rich text, which shows every character as it is.

export const run = (text) => ({ type: "text", text });
export const bold = (text) => ({ ...run(text), style: { bold: true } });
export const section = (elements) => ({ type: "rich_text_section", elements });
export const quote = (elements) => ({ type: "rich_text_quote", elements });
export const block = (elements) => ({ type: "rich_text", elements });
