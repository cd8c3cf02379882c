export async function register() {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { startTracing } = await import('hotspan/node');
  globalThis.tracing = startTracing({ serviceName: 'next' });
}
