/** What a speech provider does for us, in our words. Its own field names stop at its `wire.ts`. */

export type AudioFormat = 'wav' | 'mp3' | 'flac' | 'opus' | 'pcm';

/** How a model is told to speak in a manner: exactly what its rules allow, so that nothing else can be sent. */
export type Manner =
  | { readonly kind: 'none' }
  | { readonly kind: 'instruction'; readonly instruction: string }
  | { readonly kind: 'label'; readonly label: { readonly language: string } | { readonly emotion: string } | { readonly style: string } };

export interface SpeakRequest {
  readonly model: string;
  /** The provider's own id. */
  readonly voice: string;
  /** 1 to 1000 characters. */
  readonly text: string;
  readonly format: AudioFormat;
  /** Hz */
  readonly sampleRate: number;
  /** 0.5 to 2 */
  readonly speed: number;
  /** 0.1 to 2 */
  readonly volume: number;
  readonly manner: Manner;
  readonly normalization: 'standard' | 'enhanced';
  readonly filtersMarkdown: boolean;
  readonly pronunciations: readonly string[];
}

export interface Sample {
  readonly bytes: Uint8Array;
  readonly contentType: 'audio/wav' | 'audio/mpeg';
}

export interface CloneRequest {
  readonly model: string;
  /** Of an uploaded sample. */
  readonly fileId: string;
  /** What is said in it; empty: the provider finds out. */
  readonly transcript: string;
  /** It was asked for before, with an outcome that nobody knows: look first whether there is a voice. */
  readonly wasTried: boolean;
}

export interface SystemVoice {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly language: string;
  readonly tags: readonly string[];
  /** Of our models, those it speaks with; the first is its own. */
  readonly models: readonly string[];
}

export type ProviderTrouble = 'no-synthesiser' | 'key' | 'account' | 'failing';

export interface SpeechProvider {
  readonly name: 'stepfun' | 'emulator';
  /** Which provider and region: a voice made in another place is not known here. */
  readonly place: string;
  readonly region: 'com' | 'ai';
  /** The program that speaks, of an emulator. */
  readonly synthesiser: string | null;
  readonly formats: readonly AudioFormat[];
  /** @returns the provider's id of the file */
  upload(sample: Sample, signal: AbortSignal): Promise<string>;
  /** Nothing happens where it is gone already. */
  deleteFile(fileId: string, signal: AbortSignal): Promise<void>;
  /** Speaks without making a voice. @returns a whole audio file */
  preview(request: { readonly model: string; readonly fileId: string; readonly transcript: string; readonly text: string }, signal: AbortSignal): Promise<Uint8Array>;
  /**
   * Makes a voice, which is paid: never asked twice. When nobody knows whether it was made, the provider's voices are searched for it.
   * @returns the provider's id of the voice
   */
  clone(request: CloneRequest, signal: AbortSignal): Promise<{ readonly voice: string; readonly duplicated: boolean }>;
  systemVoices(signal: AbortSignal): Promise<readonly SystemVoice[]>;
  /** A whole file, in the format asked for. */
  speak(request: SpeakRequest, signal: AbortSignal): Promise<Uint8Array>;
  /**
   * The same in pieces, as they are made; of `pcm` and `wav` raw 16-bit little-endian mono frames without a header.
   * The promise is kept once the provider has accepted; a failure after that comes out of the iteration.
   */
  stream(request: SpeakRequest, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Null: as far as anybody knows it works. */
  trouble(): ProviderTrouble | null;
}
