/** Voices: found, heard before they are made, made, changed, deleted. */
import * as contract from '../../shared/api/voices.ts';
import { countTry, type Limit } from '../auth/rate-limits.ts';
import type { OpenStudio } from '../speech/open-studio.ts';
import type { Owner } from '../speech/owners.ts';
import { greetingOf } from '../speech/speaking.ts';
import type { SeenVoice } from '../speech/voices.ts';
import { audioAnswer } from './audio-answer.ts';
import type { Mount } from './mount.ts';
import { resultOf } from './tts.ts';

const CLONES: Limit = { tries: 20, window: 3600 };
const PREVIEWS: Limit = { tries: 60, window: 3600 };
/** Samples that are not spoken yet, by address: anybody may ask for them. */
const SAMPLES: Limit = { tries: 60, window: 3600 };

export function mountVoices(mount: Mount, studio: OpenStudio): void {
  const { owners, voices, cloning, speaking, queries, nowMs, provider } = studio;

  const voiceOf = (voice: SeenVoice, owner: Owner | null) => ({
    id: voice.id, kind: voice.kind, name: voice.name, description: voice.description, model: voice.model, models: [...voice.models], language: voice.language, tags: [...voice.tags],
    public: voice.isPublic, is_own: owner !== null && voice.ownerId === owner.id, is_emulated: voice.place.startsWith('emulator'), can_speak: voice.place === provider?.place,
    sample_text: greetingOf(voice), embedding: voice.print, usage: { calls: voice.calls, seconds: voice.seconds },
    created_at: voice.createdAt.toISOString(), updated_at: voice.updatedAt.toISOString(),
  });

  mount.on(contract.listVoices, async (request) => {
    const owner = await owners.known(request);
    const { voices: found, nextCursor, total, filters } = await voices.list(owner, request.query);
    return { voices: found.map((voice) => voiceOf(voice, owner)), next_cursor: nextCursor, total, filters };
  });

  mount.on(contract.previewVoice, async (request) => {
    const owner = await owners.making(request);
    await countTry(queries, `speech preview ${owner.id}`, PREVIEWS, nowMs());
    return resultOf(await speaking.preview(owner, request.body));
  });

  mount.on(contract.createVoice, async (request) => {
    const owner = await owners.making(request);
    await countTry(queries, `speech clone ${owner.id}`, CLONES, nowMs());
    const { voice, duplicated } = await cloning.make(owner, request.body);
    return { voice: voiceOf(voice, owner), duplicated };
  });

  mount.on(contract.getVoice, async (request) => {
    const owner = await owners.known(request);
    return voiceOf(await voices.seen(owner, request.params.id), owner);
  });

  mount.on(contract.updateVoice, async (request) => {
    const owner = await owners.changing(request);
    const { public: isPublic, name, description, language, tags } = request.body;
    const what = Object.fromEntries(Object.entries({ name, description, language, tags, isPublic }).filter(([, value]) => value !== undefined));
    return voiceOf(await voices.change(owner, request.params.id, what), owner);
  });

  mount.on(contract.deleteVoice, async (request) => {
    await cloning.remove(await owners.changing(request), request.params.id);
    return { id: request.params.id, deleted: true as const };
  });

  mount.on(contract.nearestVoices, async (request) => {
    const owner = await owners.known(request);
    const near = await voices.nearest(owner, request.params.id, request.query.limit);
    return { voices: near.map(({ voice, similarity }) => ({ voice: voiceOf(voice, owner), similarity })) };
  });

  mount.on(contract.voiceSample, async (request) => {
    const owner = await owners.known(request);
    const { voice, bytes } = await speaking.sample(owner, request.params.id, () => countTry(queries, `speech sample ${request.address}`, SAMPLES, nowMs()));
    return audioAnswer(request.context, { bytes, contentType: 'audio/wav', fileName: `${voice.name}.wav`, isDownload: request.query.download === '1' });
  });
}
