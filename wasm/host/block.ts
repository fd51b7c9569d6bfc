/** Longest run of frames handed to the engine at once; longer calls are cut. */
export const BLOCK_FRAMES = 16384;
