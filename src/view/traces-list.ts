import type { ServerResponse } from 'node:http';
import { LIMITS_OF_PROGRAM, NewestTraces } from '../ranking/newest-traces.js';
import { pageJson } from '../report/html.js';
import { answerLine, type RouteAnswer } from './answers.js';

/** The newest traces of what a page shows. */
export interface TracesList {
  readonly newest: NewestTraces;
  /** Is told when somebody begins to look, and when nobody looks any more. */
  readonly look?: (isLookedAt: boolean) => void;
}

/** Has the traces that end listed; not any more if it is undefined. */
export type FollowTraces = (newest: NewestTraces | undefined) => void;

/** Returns the list of a program's traces, which grows while somebody looks. */
export function listWhileSeen(follow: FollowTraces): TracesList {
  const newest = new NewestTraces(LIMITS_OF_PROGRAM);
  return { newest, look: (isLookedAt) => follow(isLookedAt ? newest : undefined) };
}

/**
 * Answers `/traces.json?after=NUMBER` with the traces that ended after that one, and `/trace.json?id=TRACE` with the
 * spans of one. `at` is its number, where several have one id.
 */
export function answersOf({ newest }: TracesList): Readonly<Record<string, RouteAnswer>> {
  return {
    'GET /traces.json': (request, response) => {
      const after = numberIn(request.url, 'after') ?? 0;
      if (Number.isNaN(after)) answerLine(response, 400, 'expected `after` to be a number');
      else answerJson(response, newest.after(after));
    },
    'GET /trace.json': (request, response) => {
      const id = parametersOf(request.url).get('id') ?? '';
      const found = newest.find(id, numberIn(request.url, 'at'));
      if (found !== undefined) answerJson(response, found);
      else answerLine(response, 404, 'the spans of this trace are not kept');
    },
  };
}

function parametersOf(url = ''): URLSearchParams {
  return new URLSearchParams(url.split('?')[1] ?? '');
}

function numberIn(url: string | undefined, name: string): number | undefined {
  const text = parametersOf(url).get(name);
  return text === null ? undefined : /^\d{1,15}$/.test(text) ? Number(text) : NaN;
}

function answerJson(response: ServerResponse, value: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(pageJson(value));
}
