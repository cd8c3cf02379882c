/** Calls a handler as AWS Lambda does: `npx hotspan run -- node lambda/invoke.js ./handler.js`. */
const { handler } = await import(process.argv[2]);
for (const question of ['Where is my refund?', 'When is my parcel here?']) {
  const { statusCode, body } = await handler({ question });
  console.log(statusCode, body);
}
