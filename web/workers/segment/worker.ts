/// <reference lib="webworker" />
import { renderSegment } from '../../../wasm/rendering/segments.ts';
import { engineBinary } from '../engine-binary.ts';
import { serve, transferring } from '../rpc.ts';
import type { SegmentMethods } from './contract.ts';

const methods: SegmentMethods = {
  async render(segment, { signal }) {
    const rows = await renderSegment(await engineBinary(), segment, signal);
    return transferring(rows, rows.map(({ buffer }) => buffer));
  },
};

serve(methods);
