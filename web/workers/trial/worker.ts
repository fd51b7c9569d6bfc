/// <reference lib="webworker" />
import { buffersOf, runTrial } from '../../../wasm/inversion/paired/trial-pool.ts';
import { engineBinary } from '../engine-binary.ts';
import { serve, transferring } from '../rpc.ts';
import type { TrialMethods } from './contract.ts';

const methods: TrialMethods = {
  async run(task) {
    const answer = await runTrial(await engineBinary(), task);
    return transferring(answer, buffersOf(answer));
  },
};

serve(methods);
