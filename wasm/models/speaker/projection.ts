/** The projection of the engine's speaker embeddings, unpacked from its table. */
import { EMBEDDING_DIMENSIONS, type SpeakerProjection } from '../../analysis/speaker-embedding.ts';
import { STATISTICS_COUNT } from '../../analysis/voice-statistics.ts';
import { MEAN, SCALE, STEPS, VERSION, WEIGHTS } from './table.ts';

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** Little-endian, as the table was written. */
function floatsOf(base64: string): Float32Array {
  const view = new DataView(bytesOf(base64).buffer);
  return Float32Array.from({ length: view.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

export function speakerProjection(): SpeakerProjection {
  const [mean, scale, steps] = [floatsOf(MEAN), floatsOf(SCALE), floatsOf(STEPS)];
  const whole = new Int8Array(bytesOf(WEIGHTS).buffer);
  const weights = new Float32Array(EMBEDDING_DIMENSIONS * STATISTICS_COUNT);
  for (let row = 0; row < EMBEDDING_DIMENSIONS; row += 1) {
    for (let k = 0; k < STATISTICS_COUNT; k += 1) weights[row * STATISTICS_COUNT + k] = (whole[row * STATISTICS_COUNT + k]! * steps[row]!) / scale[k]!;
  }
  return { version: VERSION, mean, weights };
}
