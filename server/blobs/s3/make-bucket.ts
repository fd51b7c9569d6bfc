/** `npm run bucket`: makes the bucket that S3_BUCKET names, where it is not there yet. */
import { fileURLToPath } from 'node:url';
import { AppError, toAppError } from '../../../shared/errors.ts';
import { readConfig } from '../../config.ts';
import { createS3Client, S3Refusal } from './s3-client.ts';

export interface BucketParts {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly say: (line: string) => void;
  readonly complain: (line: string) => void;
}

/** @returns exit status */
export async function makeBucket({ environment, say, complain }: BucketParts): Promise<number> {
  try {
    const { blobs } = readConfig(environment);
    if (blobs.kind !== 's3') throw new AppError('server/config', { name: 'S3_ENDPOINT', detail: 'it is missing: there is no bucket to make' });
    const client = createS3Client(blobs.s3);
    const isThere = await client.checkBucket().then(() => true, (thrown: unknown) => {
      if (thrown instanceof S3Refusal && thrown.status === 404) return false;
      throw thrown;
    });
    if (!isThere) await client.makeBucket();
    say(`The bucket ${blobs.s3.bucket} ${isThere ? 'is there' : 'is made'}.`);
    return 0;
  } catch (thrown) {
    complain(thrown instanceof S3Refusal ? `The service does not allow it: ${thrown.message}` : toAppError(thrown).message);
    return 1;
  }
}

if (process.argv[1] && fileURLToPath(import.meta.url) === process.argv[1]) {
  process.exitCode = await makeBucket({
    environment: process.env,
    say: (line) => void process.stdout.write(`${line}\n`),
    complain: (line) => void process.stderr.write(`${line}\n`),
  });
}
