import { startTracing, type TracingOptions } from 'hotspan/node';
import { segment } from 'hotspan';
import { expect, it } from 'vitest';
import { settingsFromOption } from '../../src/cpu-profile/settings.js';

it.each([
  [{ cpuProfile: 1 }, 'startTracing: expected `cpuProfile` to be true, false or an object, got 1'],
  [{ cpuProfile: null }, '`cpuProfile` to be true, false or an object, got null'],
  [{ cpuProfile: { dir: 'x' } }, 'startTracing: unknown option "cpuProfile.dir", expected one of'],
  [{ cpuProfile: { segments: 'a' } }, '`cpuProfile.segments` to be a list of names or a function'],
  [{ cpuProfile: { segments: [1] } }, '`cpuProfile.segments` to be a list of names or a function'],
  [{ cpuProfile: { directory: '' } }, '`cpuProfile.directory` to be a non-empty string, got ""'],
  [{ cpuProfile: { maxFiles: 0 } }, '`cpuProfile.maxFiles` to be a whole number of at least 1'],
  [
    { cpuProfile: { samplingIntervalMicros: 0.5 } },
    '`cpuProfile.samplingIntervalMicros` to be a whole number of at least 1, got 0.5',
  ],
  [
    { cpuProfile: { maxProfileMillis: -1 } },
    '`cpuProfile.maxProfileMillis` to be a positive number',
  ],
])('wrong use is told at the start: %j', (options, message) => {
  expect(() => startTracing(options as unknown as TracingOptions)).toThrow(message);
  expect(segment('work', (span) => span.isRecording())).toBe(false);
});

it('a profile holds 100,000 samples at most', () => {
  const { maxProfileMillis, samplingIntervalMicros } = settingsFromOption({
    samplingIntervalMicros: 100,
    maxProfileMillis: 60_000,
  });
  expect((maxProfileMillis * 1e3) / samplingIntervalMicros).toBe(100_000);
});

it('the option of a segment is checked', () => {
  const wrong = { cpuProfile: 'yes' } as unknown as { cpuProfile: boolean };
  expect(() => segment('work', wrong, () => 1)).toThrow(
    'segment: expected `cpuProfile` to be true or false, got a string',
  );
});
