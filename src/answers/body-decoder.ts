/** More of one answer, or of one item of a stream, is not kept. */
export const MAX_BYTES = 4 * 1024 * 1024;

/** Takes a body apart as its bytes come. */
export interface BodyDecoder {
  push(chunk: Uint8Array): void;
  end(): void;
  /** `true` once there was more than may be kept. */
  readonly isTooLong: boolean;
  /** `true` if the items come one by one, while the model thinks. */
  readonly isStream: boolean;
  /** Checks whether it holds nothing, and this text ends with an item: such a text may be left out. */
  isWhole?(text: string): boolean;
}

export type OnJson = (json: string) => void;

/**
 * Reads each byte as a character: fast, and no character is torn apart between two chunks. The text of an
 * answer is not kept, and all else in it is ASCII.
 */
export function textOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
}
