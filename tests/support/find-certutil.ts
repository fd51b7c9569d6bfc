import { spawnSync } from 'node:child_process';

/** NSS's tool puts an authority where Chromium on Linux looks for those that a person trusts. */
export const hasCertutil = (): boolean => process.platform === 'linux' && !spawnSync('certutil', ['-H'], { stdio: 'ignore' }).error;
export const INSTALL_CERTUTIL = 'apt-get install -y libnss3-tools';
