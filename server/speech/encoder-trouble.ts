/** What an operator would otherwise learn from people whose voice prints are made without the encoder that was meant for them. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { toAppError } from '../../shared/errors.ts';
import { modelAddress, readSpeakerEncoderManifest } from '../../shared/speaker-encoder-manifest.ts';

/** Only paths are compared: what this server is called is not known to it. */
const HERE = 'http://localhost';

/**
 * Looks at a manifest in the folder of models, and at its model.
 * @param address  SPEAKER_ENCODER; what lies elsewhere is not looked at
 * @returns a sentence; null: nothing is wrong with it
 */
export async function encoderTrouble(address: string | null, folder: string): Promise<string | null> {
  if (!address?.startsWith('/models/')) return null;
  const file = join(folder, basename(address));
  const text = await readFile(file, 'utf8').catch((thrown: NodeJS.ErrnoException) => thrown);
  if (typeof text !== 'string') return `${file} cannot be read (${text.code ?? text.message}).`;
  try {
    const manifest = readSpeakerEncoderManifest(JSON.parse(text));
    const { bytes, sha256 } = manifest.model;
    const path = new URL(modelAddress(manifest, `${HERE}${address}`)).pathname;
    const model = join(folder, basename(path));
    const found = path.startsWith('/models/') && path.lastIndexOf('/') === '/models'.length ? await stat(model).catch(() => null) : null;
    if (!found?.isFile()) return `${file} names a model that is not beside it (${manifest.model.url}).`;
    if (found.size !== bytes) return `${model} has ${found.size} bytes, not the ${bytes} of its manifest.`;
    const hash = createHash('sha256');
    await pipeline(createReadStream(model), hash);
    return hash.digest('hex') === sha256 ? null : `${model} has another SHA-256 than its manifest says.`;
  } catch (thrown) {
    return thrown instanceof SyntaxError ? `${file} is not JSON (${thrown.message}).` : `${file}: ${toAppError(thrown).message}`;
  }
}
