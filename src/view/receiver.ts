import type { IncomingMessage, ServerResponse } from 'node:http';
import { ProtobufWriter } from '../delivery/protobuf-writer.js';
import { BodyProblem, BodyReader } from './request-body.js';
import type { Taken } from './live-ranking.js';

/** The forms of OTLP/HTTP, and how each has its answers. */
const FORMS: Readonly<Record<string, Form>> = {
  'application/x-protobuf': {
    name: 'Protocol Buffers',
    partly: (rejected, message) =>
      written((writer) => {
        const begin = writer.open(PARTIAL_SUCCESS, 1);
        writer.unsigned(REJECTED_SPANS, rejected);
        writer.text(ERROR_MESSAGE, message);
        writer.close(begin, 1);
      }),
    whole: '',
    failed: (message) => written((writer) => writer.text(STATUS_MESSAGE, message)),
  },
  'application/json': {
    name: 'JSON',
    partly: (rejectedSpans, errorMessage) =>
      JSON.stringify({ partialSuccess: { rejectedSpans: String(rejectedSpans), errorMessage } }),
    whole: '{}',
    failed: (message) => JSON.stringify({ message }),
  },
};

interface Form {
  readonly name: string;
  /** The body where some spans were left out, where none was, and of a failure. */
  readonly partly: (rejected: number, message: string) => string | Uint8Array;
  readonly whole: string;
  readonly failed: (message: string) => string | Uint8Array;
}

/** The fields of `ExportTraceServiceResponse`, of its `ExportTracePartialSuccess`, and of `google.rpc.Status`. */
const PARTIAL_SUCCESS = 1;
const REJECTED_SPANS = 1;
const ERROR_MESSAGE = 2;
const STATUS_MESSAGE = 2;
const ANSWER_BYTES = 256;
const RETRY_AFTER_SECONDS = 1;

export interface ReceiverTarget {
  /** Adds the spans of a body, whose form is known. Resolves with `undefined` if it is none of OTLP. */
  readonly take: (body: Buffer, isJson: boolean) => Promise<Taken | undefined>;
  /** Is given each body that was taken, unpacked. Must not throw. */
  readonly forward: (body: Buffer, contentType: string) => void;
  /** Is told in one line why a request was refused. */
  readonly refused: (line: string) => void;
}

/** Returns what answers `POST /v1/traces` as OTLP/HTTP has it. */
export function makeReceiver(target: ReceiverTarget) {
  const reader = new BodyReader();
  return (request: IncomingMessage, response: ServerResponse): void => {
    receive(request, response, target, reader).catch((error: unknown) => {
      // The client is gone, or an error of ours: there is nobody to answer, or nothing to say.
      if (!response.headersSent && error instanceof Error) response.destroy();
    });
  };
}

async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  { take, forward, refused }: ReceiverTarget,
  reader: BodyReader,
): Promise<void> {
  const contentType = request.headers['content-type']?.split(';', 1)[0]!.trim().toLowerCase() ?? '';
  const form = Object.hasOwn(FORMS, contentType) ? FORMS[contentType] : undefined;
  const respond = (status: number, body: string | Uint8Array) => {
    const type = form === undefined ? 'text/plain; charset=utf-8' : contentType;
    if (status === 503) response.setHeader('retry-after', RETRY_AFTER_SECONDS);
    response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
    response.end(body);
  };
  try {
    if (form === undefined) {
      throw new BodyProblem(415, `expected ${Object.keys(FORMS).join(' or ')} as Content-Type`);
    }
    const taken = await reader.read(request, async (body) => {
      const found = await take(body, contentType === 'application/json');
      if (found === undefined) {
        throw new BodyProblem(400, `expected traces of OTLP in ${form.name}, got something else`);
      }
      forward(body, contentType);
      return found;
    });
    const { leftOut } = taken;
    respond(200, leftOut === 0 ? form.whole : form.partly(leftOut, 'they have no usable ids'));
  } catch (error) {
    if (!(error instanceof BodyProblem)) throw error;
    const { status, message } = error;
    refused(message);
    respond(status, form?.failed(message) ?? `${message}\n`);
    // What still comes is read and thrown away, so that the client hears the answer.
    request.resume();
  }
}

function written(write: (writer: ProtobufWriter) => void): Uint8Array {
  const writer = new ProtobufWriter(ANSWER_BYTES);
  write(writer);
  return writer.take();
}
