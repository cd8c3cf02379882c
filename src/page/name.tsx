import { visible } from './visible.js';

/** A name that stands in code, apart from the direction of the text around it. */
export function Name({ of, service }: { of: string; service?: string | undefined }) {
  return (
    <>
      <bdi class="name">{visible(of)}</bdi>
      {service !== undefined && service !== '' && (
        <bdi class="name service"> {visible(service)}</bdi>
      )}
    </>
  );
}

/** A sentence of a summary: names stand between backticks. */
export function Sentence({ text }: { text: string }) {
  return (
    <>
      {text
        .split(/`([^`]+)`/)
        .map((part, at) => (at % 2 === 1 ? <Name key={at} of={part} /> : visible(part)))}
    </>
  );
}
