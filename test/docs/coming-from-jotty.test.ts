import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** Jotty's monitoring features: our name for each, and a word of the Jotty code that uses it. */
const FEATURES = {
  Profiler: [
    ['Context manager', 'profiler.profile('],
    ['Function decorator', 'profile_function('],
    ['Total duration', 'total_duration'],
    ['Segments as a tree', '.segments'],
    ['Slowest segments', 'slowest_segments'],
    ['Call counts', 'call_counts'],
    ['Printed report', 'print_report('],
    ['Reset', 'reset()'],
    ['Function-level profile', 'enable_cprofile=True'],
  ],
  'Cost tracker': [
    ['Record a call', 'record_llm_call('],
    ['Call made elsewhere', ''],
    ['Success and error', 'success=False, error='],
    ['Duration', 'duration='],
    ['Own cost', 'custom_cost='],
    ['Totals', 'total_cost'],
    ['Averages', 'avg_cost_per_call'],
    ['Cost per 1,000 tokens', 'cost_per_1k_tokens'],
    ['Calls and cost by model', 'cost_by_model'],
    ['Calls and cost by provider', 'cost_by_provider'],
    ['Price overrides', 'update_pricing('],
    ['Efficiency', 'get_efficiency_metrics('],
    ['Save', 'save_to_file('],
    ['Load', 'load_from_file('],
    ['Reset', 'reset()'],
    ['Switch off', 'enable_tracking=False'],
  ],
  'Efficiency metrics': [
    ['Cost per success', 'cost_per_success'],
    ['Success rate', 'success_rate'],
    ['Efficiency against baseline', 'efficiency_score'],
    ['Cost reduction', 'cost_reduction_percent'],
    ['Performance retention', 'performance_retention_percent'],
    ['Cost saved per success', 'cost_per_success_improvement'],
    ['Efficiency improvement', 'efficiency_improvement_percent'],
  ],
  Monitor: [
    ['Start and finish', 'start_execution('],
    ['Success', 'ExecutionStatus.SUCCESS'],
    ['Failure', 'ExecutionStatus.FAILURE'],
    ['Timeout', 'ExecutionStatus.TIMEOUT'],
    ['Error', 'ExecutionStatus.ERROR'],
    ['Cancelled', 'ExecutionStatus.CANCELLED'],
    ['Rates', 'success_rate'],
    ['Averages', 'avg_duration'],
    ['Executions by agent', 'executions_by_agent'],
    ['Errors by type', 'errors_by_type'],
    ['Most common errors', 'common_errors'],
    ['Errors by agent', 'errors_by_agent'],
    ['Whole report', 'generate_report('],
  ],
} as const;

/** Code in a cell that no block needs to show. */
const NAMES = ['AbortError', 'timeout', 'gen_ai.usage.cost', 'startTracing', 'errors'];

const oneLine = (code: string) => code.replace(/\s+/g, ' ');

const sections = readFileSync(new URL('../../docs/coming-from-jotty.md', import.meta.url), 'utf8')
  .split(/^## /m)
  .slice(1)
  .map((text) => {
    const blocks = [...text.matchAll(/^```\w+\n(.*?)^```/gms)].map(([, code = '']) => code);
    const lines = text.split('\n').filter((line) => line.startsWith('| '));
    return {
      title: text.slice(0, text.indexOf('\n')),
      code: oneLine(blocks.join('\n')),
      promises: blocks.join('\n').match(/\/\/ → /g)?.length ?? 0,
      rows: lines.slice(2).map((line) => line.split('|').map((cell) => cell.trim())),
    };
  });

describe('docs/coming-from-jotty.md', () => {
  it('has a section for each part, and a row for every feature', () => {
    expect(sections.map(({ title }) => title)).toEqual(Object.keys(FEATURES));
    for (const { title, rows } of sections) {
      const features = FEATURES[title as keyof typeof FEATURES];
      expect(rows.map(([, feature]) => feature)).toEqual(features.map(([feature]) => feature));
      for (const [index, [, word]] of features.entries()) {
        const [, , jotty, ours] = rows[index]!;
        expect(jotty).toContain(word);
        expect(ours).not.toBe('');
      }
    }
  });

  it.each(sections)('shows only code of its blocks in the table: $title', ({ code, rows }) => {
    const shown = rows.flatMap(([, , , ours = '']) =>
      [...ours.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text),
    );
    expect(shown.length).toBeGreaterThanOrEqual(rows.length);
    const isShown = (text: string) => NAMES.includes(text) || code.includes(oneLine(text));
    expect(shown.filter((text) => !isShown(text))).toEqual([]);
  });

  it.each(sections)('says what its block prints: $title', ({ promises }) => {
    expect(promises).toBeGreaterThan(2);
  });
});
