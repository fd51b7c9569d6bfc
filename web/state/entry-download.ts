/** One entry as a file: a recording as it came, a result as WAV, a preset as JSON. */
import type { TonetwinService } from '../jobs/contract.ts';
import type { LibraryEntry } from '../jobs/library/contract.ts';
import { saveBlob } from './save-blob.ts';

export async function downloadEntry(service: TonetwinService, { id, kind, ending }: LibraryEntry, name: string): Promise<void> {
  switch (kind) {
    case 'result':
      return saveBlob(await service.exportWav(id, '24'), `${name}${ending}`);
    case 'preset':
      return saveBlob(await service.exportPreset((await service.library.preset(id)).style), `${name}${ending}`);
    case 'recording':
    case 'take':
      return saveBlob(await service.library.file(id), `${name}${ending}`);
    default:
      return kind satisfies never;
  }
}
