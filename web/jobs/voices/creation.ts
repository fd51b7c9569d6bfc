/** A voice on its way: what a person asked for, how far it is, and what comes next. Pure. */
import type { ErrorBody } from '../../../shared/errors.ts';

/** In this order; each is done once, and a failure goes on from the one that failed. */
export const CREATION_STAGES = ['uploading', 'embedding', 'cloning', 'done'] as const;
export type CreationStage = (typeof CREATION_STAGES)[number];

export interface CreationRequest {
  readonly model: string;
  readonly name: string;
  readonly description: string;
  readonly language: string;
  readonly tags: readonly string[];
  readonly isPublic: boolean;
  readonly transcript: string;
  readonly sampleText: string;
  /** The speaker agreed. */
  readonly hasConsent: true;
}

export interface Creation {
  readonly id: string;
  readonly createdMs: number;
  readonly request: CreationRequest;
  /** The prepared WAV; dropped when the voice is made. */
  readonly wav: Uint8Array<ArrayBuffer> | null;
  readonly embedding: { readonly version: string; readonly vector: readonly number[]; readonly hash: string };
  readonly stage: CreationStage;
  /** waiting: for a network or its turn; failed: for the person. */
  readonly status: 'waiting' | 'working' | 'failed' | 'finished';
  readonly error: ErrorBody | null;
  readonly fileId: string | null;
  readonly voiceId: string | null;
  /** The service had this voice already. */
  readonly isDuplicate: boolean;
}

export type CreationEvent =
  | { readonly type: 'started' }
  | { readonly type: 'uploaded'; readonly fileId: string }
  | { readonly type: 'embedded' }
  | { readonly type: 'cloned'; readonly voiceId: string; readonly isDuplicate: boolean }
  | { readonly type: 'failed'; readonly error: ErrorBody }
  | { readonly type: 'retried' };

/** Nothing is wrong with what was asked for: it goes out when the server is there again. */
const WAITS_FOR: readonly string[] = ['network/unavailable', 'job/cancelled'];
/** The server has no such sample any more: it is uploaded again. */
const UPLOAD_AGAIN: readonly string[] = ['speech/sample-gone', 'server/not-found'];

export function nextCreation(creation: Creation, event: CreationEvent): Creation {
  switch (event.type) {
    case 'started':
      return { ...creation, status: 'working', error: null };
    case 'uploaded':
      return { ...creation, stage: 'embedding', fileId: event.fileId };
    case 'embedded':
      return { ...creation, stage: 'cloning' };
    case 'cloned':
      return { ...creation, stage: 'done', status: 'finished', voiceId: event.voiceId, isDuplicate: event.isDuplicate, wav: null, error: null };
    case 'failed':
      if (WAITS_FOR.includes(event.error.code)) return { ...creation, status: 'waiting', error: event.error };
      if (creation.stage !== 'uploading' && UPLOAD_AGAIN.includes(event.error.code)) return { ...creation, stage: 'uploading', fileId: null, status: 'failed', error: event.error };
      return { ...creation, status: 'failed', error: event.error };
    case 'retried':
      return creation.status === 'failed' || creation.status === 'waiting' ? { ...creation, status: 'waiting', error: null } : creation;
    default:
      return event satisfies never;
  }
}
