/** A span processor that keeps the spans, with the attributes that they had before others added to them at their end. */
export class Recorder {
  spans = [];
  #attributes = new Map();

  onStart() {
    return undefined;
  }

  onEnding(span) {
    this.#attributes.set(span, { ...span.attributes });
  }

  onEnd(span) {
    const value = this.#attributes.get(span) ?? { ...span.attributes };
    this.#attributes.delete(span);
    this.spans.push(Object.create(span, { attributes: { value } }));
  }

  forceFlush() {
    return Promise.resolve();
  }

  shutdown() {
    return Promise.resolve();
  }
}
