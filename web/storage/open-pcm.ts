/** The audio of a recording, a result or a take, read in pieces from where it lies. */
import type { PcmSource } from '../../shared/pcm.ts';
import { openAiff } from '../../wasm/formats/aiff-reader.ts';
import { openWav } from '../../wasm/formats/wav-reader.ts';
import type { Storage } from './contract.ts';
import { openTake } from './open-take.ts';
import { openPcmFile } from './pcm-file.ts';

/** @throws AppError 'storage/missing' when it is unknown, not decoded, or its decoded copy was cleaned away */
export async function openPcm({ documents, bytes }: Storage, id: string): Promise<PcmSource> {
  const recording = await documents.get('recordings', id);
  if (recording?.state.status === 'ready') {
    switch (recording.readAs) {
      case 'wav':
        return openWav(await bytes.open({ folder: 'recordings', id }));
      case 'aiff':
        return openAiff(await bytes.open({ folder: 'recordings', id }));
      case 'copy':
        return openPcmFile(await bytes.open({ folder: 'decoded', id }), recording.state);
      case 'take':
        if (recording.take) return openTake(bytes, recording.take.id, recording.take.trim);
        break;
      case null:
        break;
      default:
        return recording.readAs satisfies never;
    }
  }
  const result = await documents.get('results', id);
  if (!result) return openTake(bytes, id, null);
  return openPcmFile(await bytes.open({ folder: 'results', id }), result);
}
