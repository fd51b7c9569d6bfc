/** Documents as JSON and back, with what JSON has not: arrays of numbers. */
import { fromBase64Url, toBase64Url } from '../../vault/base64url.ts';

const KINDS = { f32: Float32Array, f64: Float64Array, i8: Int8Array, u8: Uint8Array } as const;
const TAG = '$numbers';

type Tagged = { readonly [TAG]: keyof typeof KINDS; readonly data: string };

/** Little-endian, as every machine that runs a browser is. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    for (const [kind, type] of Object.entries(KINDS)) {
      if (part instanceof type) return { [TAG]: kind, data: toBase64Url(new Uint8Array(part.buffer, part.byteOffset, part.byteLength)) };
    }
    return part;
  });
}

export function fromJson(text: string): unknown {
  return JSON.parse(text, (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || !(TAG in part)) return part;
    const { [TAG]: kind, data } = part as Tagged;
    return new KINDS[kind](fromBase64Url(data).buffer);
  });
}
