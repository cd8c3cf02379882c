// What the programs in these folders tell the test that runs them, as their last line.
export function tell(summary, more = {}) {
  console.log(JSON.stringify({ summary, ...more }));
}
