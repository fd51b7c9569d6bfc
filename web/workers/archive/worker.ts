/// <reference lib="webworker" />
import { openStorage } from '../../storage/open-storage.ts';
import { serve } from '../rpc.ts';
import { writeArchive } from './archive.ts';
import type { ArchiveMethods } from './contract.ts';

const methods: ArchiveMethods = {
  write: async ({ entries, target }, task) => writeArchive(await openStorage(), entries, target, task),
};

serve(methods);
