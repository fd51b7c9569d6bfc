/** Samples: uploaded, looked at, deleted; and their voice prints. */
import type { Context } from 'hono';
import { EMBEDDING_DIMENSIONS, storeEmbedding } from '../../shared/api/embeddings.ts';
import * as contract from '../../shared/api/files.ts';
import { SPEECH_LIMITS } from '../../shared/api/speech.ts';
import { AppError } from '../../shared/errors.ts';
import { countTry, type Limit } from '../auth/rate-limits.ts';
import { wholeBody } from '../request-body.ts';
import type { OpenStudio } from '../speech/open-studio.ts';
import { keepPrint } from '../speech/prints.ts';
import type { FileFacts } from '../speech/samples.ts';
import type { Mount } from './mount.ts';

const UPLOADS: Limit = { tries: 60, window: 3600 };
const PRINTS: Limit = { tries: 120, window: 3600 };
/** Around the file in a form: its names and boundaries. */
const FORM_BYTES = 64 * 1024;

const fileOf = ({ id, name, contentType, bytes, sha256, seconds, createdAt, expiresAt }: FileFacts) => ({
  id, name, content_type: contentType, bytes, sha256, seconds, created_at: createdAt.toISOString(), expires_at: expiresAt.toISOString(),
});

/** A form with a part `file`, or the bytes alone. */
async function uploadOf(context: Context, named: string | undefined): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
  const type = context.req.header('content-type') ?? '';
  if (!/^multipart\/form-data\b/i.test(type)) return { name: named ?? '', bytes: await wholeBody(context, SPEECH_LIMITS.sampleBytes) };
  const body = await wholeBody(context, SPEECH_LIMITS.sampleBytes + FORM_BYTES);
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData().catch((cause: unknown) => {
    throw new AppError('request/invalid', { detail: 'the form is not understood' }, { cause });
  });
  const file = form.get('file');
  if (file === null || typeof file === 'string') throw new AppError('request/invalid', { detail: 'the form has no file' });
  return { name: named ?? (file as File).name.slice(0, 200), bytes: new Uint8Array(await (file as File).arrayBuffer()) };
}

export function mountFiles(mount: Mount, studio: OpenStudio): void {
  const { owners, samples, voices, queries, nowMs } = studio;

  mount.on(contract.uploadFile, async (request) => {
    const owner = await owners.making(request);
    await countTry(queries, `speech upload ${owner.id}`, UPLOADS, nowMs());
    const { name, bytes } = await uploadOf(request.context, request.query.name);
    return fileOf(await samples.add(owner, name, bytes));
  });

  mount.on(contract.getFile, async (request) => fileOf(await samples.get(await owners.known(request), request.params.id)));

  mount.on(contract.deleteFile, async (request) => {
    await samples.remove(await owners.changing(request), request.params.id);
    return { id: request.params.id, deleted: true as const };
  });

  mount.on(storeEmbedding, async (request) => {
    const { file_id: fileId, voice_id: voiceId, ...print } = request.body;
    if ((fileId === undefined) === (voiceId === undefined)) throw new AppError('speech/embedding', { detail: 'it is of a file or of a voice' });
    const owner = await owners.making(request);
    await countTry(queries, `speech print ${owner.id}`, PRINTS, nowMs());
    const of = fileId !== undefined ? { fileId: (await samples.get(owner, fileId)).id } : { voiceId: (await voices.own(owner, voiceId!)).id };
    const row = await keepPrint(studio, owner, of, print);
    return { id: row.id, file_id: row.fileId, voice_id: row.voiceId, version: row.version, hash: row.hash, dimensions: EMBEDDING_DIMENSIONS as 256, created_at: row.createdAt.toISOString() };
  });
}
