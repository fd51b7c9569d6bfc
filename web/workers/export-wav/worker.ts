/// <reference lib="webworker" />
import { openPcm } from '../../storage/open-pcm.ts';
import { openStorage } from '../../storage/open-storage.ts';
import { serve } from '../rpc.ts';
import type { ExportWavMethods } from './contract.ts';
import { exportFlac, exportWav } from './export-wav.ts';

const methods: ExportWavMethods = {
  async write({ resultId, bitDepth }, task) {
    const storage = await openStorage();
    return exportWav(storage.bytes, resultId, await openPcm(storage, resultId), bitDepth, task);
  },
  async writeFlac({ id }, task) {
    const storage = await openStorage();
    return exportFlac(storage.bytes, id, await openPcm(storage, id), task);
  },
};

serve(methods);
