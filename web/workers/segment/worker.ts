/// <reference lib="webworker" />
import { pcmFromArrays } from '../../../shared/pcm.ts';
import { renderSegment } from '../../../wasm/rendering/segment-task.ts';
import { engineBinary } from '../engine-binary.ts';
import { serve, transferring } from '../rpc.ts';
import type { SegmentMethods } from './contract.ts';

const methods: SegmentMethods = {
  async render({ task, channels }, { signal }) {
    const source = { ...pcmFromArrays(channels, task.sampleRate), isClean: true };
    const result = await renderSegment(await engineBinary(), task, { source, frame: 0, frames: source.frames }, signal);
    return transferring(result, result.rows.map(({ buffer }) => buffer));
  },
};

serve(methods);
