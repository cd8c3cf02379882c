import type { IncomingMessage, ServerResponse } from 'node:http';

/** Answers one method and path of a server. */
export type RouteAnswer = (request: IncomingMessage, response: ServerResponse) => void;

/** Answers with one line. */
export function answerLine(response: ServerResponse, status: number, line: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${line}\n`);
}
