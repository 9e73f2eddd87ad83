// Does Microsoft's own library take the card in the message? Prints what it has to say against it, and what it is.
// Usage: node adaptive_card.cjs FOLDER-OF-THE-LIBRARY <message.json
const { AdaptiveCard, SerializationContext, Version } = require(`${process.argv[2]}/dist/adaptivecards.js`);

const { attachments } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const context = new SerializationContext(new Version(1, 4));
const card = new AdaptiveCard();
card.parse(attachments[0].content, context);
const said = card.validateProperties().validationEvents.map((event) => event.message);
for (let index = 0; index < context.eventCount; index++) said.push(context.getEventAt(index).message);
console.log(JSON.stringify({ said, items: card.getItemCount(), version: String(card.version) }));
