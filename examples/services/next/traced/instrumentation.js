/** Next.js calls this once, when its server starts. It also runs in other places, which have no Node. */
export async function register() {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { startTracing } = await import('hotspan/node');
  startTracing({ serviceName: 'next', printSummary: true });
}
