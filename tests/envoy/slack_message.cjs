// A message for Slack as a page, drawn by slack-blocks-to-jsx, which is not Slack's, but looks like it. For the picture in the docs.
// Usage: node slack_message.cjs FOLDER-OF-NODE-MODULES <message.json >page.html
const { createRequire } = require("node:module");
const fs = require("node:fs");

const from = createRequire(`${process.argv[2]}/`);
const { createElement } = from("react");
const { renderToStaticMarkup } = from("react-dom/server");
const { Message } = from("slack-blocks-to-jsx");

// Where it differs from Slack: `verbatim` switches all formatting off in it, and it takes the minutes of 03:04:05 for an emoji (so they are set apart by the sign for a ratio).
const asSlackDoes = (key, value) => {
  if (key === "verbatim") return undefined;
  return typeof value === "string" ? value.replace(/(\d):(?=\d)/g, "$1\u2236") : value;
};
const { blocks } = JSON.parse(fs.readFileSync(0, "utf8"), asSlackDoes);
const square = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 36 36'><rect width='36' height='36' rx='6' fill='#4a154b'/>" +
  "<path d='M18 7l9 4v7c0 6-4 10-9 12-5-2-9-6-9-12v-7z' fill='#fff'/></svg>";
const message = createElement(Message, {
  blocks, name: "user-risk-filter", logo: `data:image/svg+xml,${encodeURIComponent(square)}`, time: new Date(),
});
const style = fs.readFileSync(from.resolve("slack-blocks-to-jsx/dist/style.css"), "utf8");
console.log(`<!doctype html><meta charset="utf-8"><style>${style} body { margin: 16px; }</style><body>${renderToStaticMarkup(message)}`);
