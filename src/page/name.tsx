import { visible } from './visible.js';

/** A name that stands in code, apart from the direction of the text around it. */
export function NameOf({ text, service }: { text: string; service?: string | undefined }) {
  return (
    <>
      <bdi class="name">{visible(text)}</bdi>
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
        .map((part, at) => (at % 2 === 1 ? <NameOf key={at} text={part} /> : visible(part)))}
    </>
  );
}
