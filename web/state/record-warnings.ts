/** What a person should know before a long take: pure, from what the browser says. */
import { LOW_SECONDS, type TakeProcessing } from '../../shared/takes.ts';

export type RecordWarning =
  | { readonly code: 'insecure' | 'private' | 'no-wake-lock' | 'processing' }
  | { readonly code: 'bluetooth' | 'low-rate'; readonly sampleRate: number }
  | { readonly code: 'low-space'; readonly seconds: number };

export interface RecordFacts {
  readonly isSecure: boolean;
  readonly canStayAwake: boolean;
  /** Bytes; null where the browser does not say. */
  readonly quotaBytes: number | null;
  readonly secondsLeft: number | null;
  readonly input: { readonly sampleRate: number; readonly deviceLabel: string; readonly processing: TakeProcessing } | null;
}

/** Headsets in their hands-free profile: 8 kHz (CVSD), 16 kHz (mSBC) or 24 to 32 kHz (LC3-SWB). */
const HANDS_FREE_HZ = 32_000;
const BLUETOOTH = /bluetooth|airpods|hands-?free|headset.*\(bt\)|\bbuds\b/i;
/** Below this the top octave is missing. */
const FULL_RATE_HZ = 44_100;
/**
 * No browser says that a window is private; its quota does. Chromium 156 told 5 GiB in a private window and 10 GiB in an ordinary one of
 * the same machine (23 GB of memory, 60 GB of free disk). A disk that is nearly full looks the same: hence "looks like".
 */
const PRIVATE_QUOTA_BYTES = 5 * 2 ** 30;
/** Worth a word before, beside the alarm during a take. */
const LITTLE_SECONDS = 12 * LOW_SECONDS;

/** Worst first. */
export function warningsOf({ isSecure, canStayAwake, quotaBytes, secondsLeft, input }: RecordFacts): RecordWarning[] {
  if (!isSecure) return [{ code: 'insecure' }];
  const warnings: RecordWarning[] = [];
  if (secondsLeft !== null && secondsLeft < LITTLE_SECONDS) warnings.push({ code: 'low-space', seconds: secondsLeft });
  else if (quotaBytes !== null && quotaBytes <= PRIVATE_QUOTA_BYTES) warnings.push({ code: 'private' });
  if (input) {
    const { sampleRate, deviceLabel, processing } = input;
    if (sampleRate <= HANDS_FREE_HZ && BLUETOOTH.test(deviceLabel)) warnings.push({ code: 'bluetooth', sampleRate });
    else if (sampleRate < FULL_RATE_HZ) warnings.push({ code: 'low-rate', sampleRate });
    if (Object.values(processing).some(Boolean)) warnings.push({ code: 'processing' });
  }
  if (!canStayAwake) warnings.push({ code: 'no-wake-lock' });
  return warnings;
}
