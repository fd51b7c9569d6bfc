import { spawnSync } from 'node:child_process';

/** FFmpeg writes the lossy test files and is the yardstick of our decoders. */
export const hasFfmpeg = (): boolean => spawnSync('ffmpeg', ['-version'], { stdio: 'ignore' }).status === 0;
export const INSTALL_FFMPEG = 'apt-get install -y ffmpeg';
