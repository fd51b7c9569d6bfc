/** Analysing recordings side by side, each in a thread of its own. */
import type { Features } from '../../shared/features.ts';
import type { Workplace } from './command.ts';
import type { RecordingPlace } from './recordings.ts';

/** @returns features in the order of the places */
export async function analyzeAll(places: readonly RecordingPlace[], f0: boolean, workplace: Workplace): Promise<Features[]> {
  const threads = await workplace.threads();
  workplace.progress.stage('Analyzing');
  const fractions = places.map(() => 0);
  return Promise.all(
    places.map((place, index) =>
      threads.run('analyze', { place, f0 }, {
        onProgress: (fraction) => {
          fractions[index] = fraction;
          workplace.progress.update(fractions.reduce((a, b) => a + b, 0) / fractions.length);
        },
      }),
    ),
  );
}
