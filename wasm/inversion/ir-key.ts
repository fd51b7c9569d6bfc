/** The name of an impulse response: SHA-256 of its interleaved float32 little-endian samples, hexadecimal. */
import type { ImpulseResponse } from '../../shared/style.ts';

export async function irKey({ channels }: ImpulseResponse): Promise<string> {
  const frames = channels[0]?.length ?? 0;
  const view = new DataView(new ArrayBuffer(frames * channels.length * 4));
  channels.forEach((row, c) => row.forEach((x, i) => view.setFloat32((i * channels.length + c) * 4, x, true)));
  const digest = await crypto.subtle.digest('SHA-256', view.buffer);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
