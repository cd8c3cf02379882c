/**
 * Package managers and runners start the program in a process of its own. To load hotspan in theirs would
 * only take time.
 */
const STARTERS =
  /[\\/](?:(?:npm|npx|pnpm|pnpx|yarn|yarnpkg|corepack|hotspan)(?:-cli|-[\d.]+)?(?:\.[cm]?js)?|tsx(?:[\\/]dist[\\/]cli\.mjs)?)$/;

if (!STARTERS.test(process.argv[1] ?? '')) {
  try {
    await import('./register-now.js');
  } catch (error) {
    const [message] = String(error).split('\n', 1);
    console.error(`hotspan: could not be loaded (${message!}); the program runs without it.`);
  }
}

export {};
