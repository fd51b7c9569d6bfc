/**
 * Every failure Tonetwin can name: code -> HTTP status, whether trying again can help, plain English sentence.
 * The screen translates the code; the sentence here is for the command line, the API and logs.
 */
export const ERRORS = {
  'audio/empty': { status: 422, retryable: false, message: 'The file is empty. Choose a file that contains audio.' },
  'audio/not-audio': { status: 415, retryable: false, message: 'This is not an audio file we can read. Choose a WAV, AIFF, FLAC, MP3, M4A, Ogg, Opus or WebM file.' },
  'audio/unsupported': { status: 415, retryable: false, message: 'This kind of audio ({detail}) cannot be read here. Convert it to WAV or FLAC and try again.' },
  'audio/needs-fallback': { status: 415, retryable: false, message: 'This file needs an additional decoder (10 MB, downloaded once). Allow the download, or convert the file to WAV or FLAC.' },
  'audio/too-large-for-fallback': { status: 413, retryable: false, message: 'This file is {megabytes} MB; its format can only be opened up to {limit} MB. Convert it to WAV or FLAC and try again.' },
  'audio/decode-failed': { status: 422, retryable: false, message: 'The file is damaged and could not be decoded. Export it again from its source.' },
  'audio/silent': { status: 422, retryable: false, message: 'The recording is silent, so there is nothing to match. Choose a recording with sound.' },
  'audio/too-short': { status: 422, retryable: false, message: 'The recording is {seconds} s long; at least {minimum} s are needed.' },
  'audio/dc-only': { status: 422, retryable: false, message: 'The recording holds only a constant offset and no sound. Check the recording input.' },
  'audio/not-finite': { status: 422, retryable: false, message: 'Too many samples in the file are not numbers. Export it again from its source.' },
  'audio/sample-rate': { status: 422, retryable: false, message: 'The sample rate is {hz} Hz; 8,000 to 192,000 Hz can be used.' },
  'audio/not-reference-target': { status: 422, retryable: false, message: 'A reference and a target are both needed.' },
  'match/cannot-align': { status: 422, retryable: false, message: 'The two recordings are not the same performance, so before and after cannot be compared. Choose "Different recordings".' },
  'style/invalid': { status: 422, retryable: false, message: 'This is not a Tonetwin preset, or it is damaged ({detail}).' },
  'style/newer': { status: 422, retryable: false, message: 'This preset was made by a newer version of Tonetwin. Update and try again.' },
  'storage/full': { status: 507, retryable: false, message: 'There is no space left on this device. Free some space; what was there before is kept.' },
  'storage/unavailable': { status: 503, retryable: false, message: 'This browser does not allow storage here (a private window, perhaps). Open Tonetwin in an ordinary window.' },
  'storage/missing': { status: 404, retryable: false, message: 'The stored audio is no longer on this device. Choose the file again.' },
  'storage/failed': { status: 500, retryable: true, message: 'Reading or writing storage failed. It will be tried again.' },
  'capture/busy': { status: 409, retryable: false, message: 'Another tab is recording. Stop it there first.' },
  'capture/denied': { status: 403, retryable: false, message: 'The microphone is not allowed here. Allow it in the settings of the browser for this page, then try again.' },
  'capture/no-device': { status: 404, retryable: false, message: 'No microphone was found. Connect one and try again.' },
  'capture/failed': { status: 500, retryable: true, message: 'The microphone could not be opened ({detail}). Another program may be using it.' },
  'capture/insecure': { status: 403, retryable: false, message: 'Browsers give the microphone to secure pages only. Open Tonetwin under https or on this device itself.' },
  'engine/stale': { status: 409, retryable: false, message: 'The engine and the page are of different versions. Reload the page.' },
  'engine/failed': { status: 500, retryable: true, message: 'The audio engine stopped unexpectedly. It will be tried again.' },
  'job/cancelled': { status: 499, retryable: false, message: 'Cancelled.' },
  'job/worker-died': { status: 500, retryable: true, message: 'The background worker stopped unexpectedly. It will be tried again.' },
  'job/unknown': { status: 404, retryable: false, message: 'There is no such job.' },
  'job/key-reused': { status: 409, retryable: false, message: 'This key belongs to another job already. A new job needs a key of its own.' },
  'job/no-such-step': { status: 409, retryable: false, message: 'A job that is {from} cannot become {to}.' },
  'job/not-yours': { status: 403, retryable: false, message: 'Only whoever started a job reports on it.' },
  'network/unavailable': { status: 503, retryable: true, message: 'The network cannot be reached. Connect and try again.' },
  'cli/usage': { status: 400, retryable: false, message: '{detail}' },
  'cli/file': { status: 404, retryable: false, message: 'The file {file} cannot be opened: {detail}.' },
  'server/not-found': { status: 404, retryable: false, message: 'There is nothing at this address.' },
  'server/config': { status: 500, retryable: false, message: 'The configuration value {name} is wrong: {detail}.' },
  'request/invalid': { status: 422, retryable: false, message: 'The request is not understood ({detail}).' },
  'request/method': { status: 405, retryable: false, message: 'This address does not take {method}, but {allowed}.' },
  'request/not-json': { status: 415, retryable: false, message: 'The body of this request has to be JSON (Content-Type: application/json).' },
  'request/too-large': { status: 413, retryable: false, message: 'The request is larger than this address takes.' },
  'request/too-slow': { status: 408, retryable: true, message: 'The request took too long to arrive.' },
  'account/sign-in': { status: 401, retryable: false, message: 'Sign in to do this.' },
  'account/session-over': { status: 401, retryable: false, message: 'This session is over. Sign in again.' },
  'account/token-reused': { status: 401, retryable: false, message: 'This session was ended, because its key was used twice. Sign in again; if it was not you, change the password.' },
  'account/wrong-credentials': { status: 401, retryable: false, message: 'Address and password do not belong together.' },
  'account/email-taken': { status: 409, retryable: false, message: 'There is an account with this address already. Sign in instead.' },
  'account/too-many-tries': { status: 429, retryable: true, message: 'Too many tries. Wait {seconds} s and try again.' },
  'account/origin': { status: 403, retryable: false, message: 'This request came from another site.' },
  'account/sign-in-again': { status: 403, retryable: false, message: 'Sign in once more, then do this within a quarter of an hour.' },
  'account/passkey': { status: 401, retryable: false, message: 'This passkey was not accepted. Try again, or sign in another way.' },
  'account/passkey-known': { status: 409, retryable: false, message: 'This passkey is in use already.' },
  'account/passkey-stopped': { status: 499, retryable: false, message: 'The passkey was not used.' },
  'account/too-many-passkeys': { status: 409, retryable: false, message: 'There are {limit} passkeys already. Remove one first.' },
  'account/last-way-in': { status: 409, retryable: false, message: 'This is the only way into the account. Set a password first.' },
  'account/provider': { status: 503, retryable: true, message: 'Signing in with {name} did not work. Try again.' },
  'account/not-allowed': { status: 403, retryable: false, message: 'Your role in this workspace does not allow this.' },
  'preset/name-taken': { status: 409, retryable: false, message: 'There is a preset of this name already. Choose another name.' },
  'preset/changed-meanwhile': { status: 409, retryable: false, message: 'The preset was changed somewhere else meanwhile. Both versions are kept; look at the newer one first.' },
  'share/revoked': { status: 410, retryable: false, message: 'This link was taken back. Whoever shared it does not share it any more.' },
  'vault/damaged': { status: 422, retryable: false, message: 'This backup was changed or damaged and cannot be opened.' },
  'vault/newer': { status: 422, retryable: false, message: 'This backup was made by a newer version of Tonetwin. Update and try again.' },
  'vault/too-large': { status: 413, retryable: false, message: 'This file is too large to be encrypted.' },
  'vault/locked': { status: 409, retryable: false, message: 'The vault is locked. Unlock it first.' },
  'vault/wrong-passphrase': { status: 422, retryable: false, message: 'This is not the passphrase of the vault.' },
  'vault/wrong-code': { status: 422, retryable: false, message: 'This recovery code does not open the vault. There may be a newer one.' },
  'vault/code-typo': { status: 422, retryable: false, message: 'This is no complete code: a letter is wrong or missing.' },
  'vault/exists': { status: 409, retryable: false, message: 'This account has a vault already. Unlock that one.' },
  'vault/changed-meanwhile': { status: 409, retryable: false, message: 'The vault was changed on another device meanwhile. Look again, then repeat it.' },
  'vault/pairing-taken': { status: 409, retryable: false, message: 'This code was used already. Show a new one.' },
  'upload/checksum': { status: 460, retryable: true, message: 'What arrived is not what was sent, so it was thrown away. Send it again from the start.' },
  'upload/offset': { status: 409, retryable: true, message: 'The upload goes on at another place than this. Ask where, and send from there.' },
  'upload/protocol': { status: 412, retryable: false, message: 'Uploads speak version 1.0.0 of the tus protocol (Tus-Resumable: 1.0.0).' },
  'upload/content-type': { status: 415, retryable: false, message: 'The bytes of an upload have the type application/offset+octet-stream.' },
  'upload/busy': { status: 423, retryable: true, message: 'Another connection is sending this upload. Try again in a moment.' },
  'upload/cut': { status: 408, retryable: true, message: 'The connection broke off. What arrived is kept; go on from there.' },
  'upload/expired': { status: 410, retryable: false, message: 'This upload was not finished in time and is gone. Send it again from the start.' },
  'upload/quota': { status: 507, retryable: false, message: 'There is no room for this in your account: {used} of {quota} MB are used. Delete something first.' },
  'upload/too-large': { status: 413, retryable: false, message: 'This is larger than {limit} MB, the most that is taken.' },
  'upload/infected': { status: 451, retryable: false, message: 'The virus scanner refused this file ({detail}).' },
  'upload/link': { status: 403, retryable: false, message: 'This address is not valid, or no longer.' },
  'blob/range': { status: 416, retryable: false, message: 'This range is outside the file, which has {bytes} bytes.' },
  'server/blobs': { status: 503, retryable: true, message: 'The place where files are kept cannot be used ({detail}).' },
  'workspace/full': { status: 409, retryable: false, message: 'There is no room for more {what}: {most} at most.' },
  'workspace/last-owner': { status: 409, retryable: false, message: 'A workspace needs an owner. Make somebody else its owner first.' },
  'workspace/personal': { status: 409, retryable: false, message: 'A personal workspace stays with its account.' },
  'webhook/address': { status: 422, retryable: false, message: 'A webhook needs a public address that begins with https:// (this one is {detail}).' },
  'server/database': { status: 503, retryable: true, message: 'The database cannot be used ({detail}).' },
  'server/data-in-use': { status: 503, retryable: false, message: 'Another Tonetwin (process {pid}) uses the folder {folder}. Stop it, or give this one a folder of its own: DATA_DIR.' },
  'speech/no-provider': { status: 503, retryable: false, message: 'Voices are not available on this server: it has neither a StepFun key nor a speech synthesiser.' },
  'speech/sample-type': { status: 415, retryable: false, message: 'A voice sample has to be a WAV or MP3 file.' },
  'speech/sample-length': { status: 422, retryable: false, message: 'The sample is {seconds} s long; {least} to {most} s are needed.' },
  'speech/sample-gone': { status: 404, retryable: false, message: 'The uploaded sample is no longer on the server. Upload it again.' },
  'speech/consent': { status: 422, retryable: false, message: 'A voice is cloned only with the consent of the person who speaks.' },
  'speech/model': { status: 422, retryable: false, message: 'The model {model} cannot be used for this.' },
  'speech/option': { status: 422, retryable: false, message: 'The model {model} does not take this value ({detail}).' },
  'speech/nothing-to-say': { status: 422, retryable: false, message: 'Nothing of this text would be spoken: all of it stands in brackets.' },
  'encoder/manifest': { status: 422, retryable: false, message: 'The speaker encoder of this server is described wrongly ({detail}). Its operator has to mend the manifest.' },
  'encoder/damaged': { status: 502, retryable: true, message: 'The speaker encoder that arrived is another file than its manifest names. It was thrown away.' },
  'encoder/failed': { status: 500, retryable: false, message: 'The speaker encoder of this server could not be used ({detail}).' },
  'speech/embedding': { status: 422, retryable: false, message: 'The voice print does not fit ({detail}).' },
  'speech/being-made': { status: 409, retryable: true, message: 'This voice is being made already. Wait a moment and look again.' },
  'speech/quota': { status: 429, retryable: false, message: 'Your share for today is used up ({detail}). It starts anew in {seconds} s.' },
  'upstream/invalid-request': { status: 422, retryable: false, message: 'The speech service does not accept this ({detail}).' },
  'upstream/auth': { status: 502, retryable: false, message: 'The speech service does not accept the key of this server. Its operator has been told.' },
  'upstream/quota': { status: 503, retryable: false, message: 'The account of this server at the speech service is used up. Its operator has been told.' },
  'upstream/not-found': { status: 502, retryable: false, message: 'The speech service does not know what it was asked for.' },
  'upstream/rate-limited': { status: 503, retryable: true, message: 'The speech service is busy. Wait {seconds} s and try again.' },
  'upstream/failed': { status: 502, retryable: true, message: 'The speech service failed. Try again.' },
  'upstream/timeout': { status: 502, retryable: true, message: 'The speech service did not answer in time. Try again.' },
  'upstream/circuit-open': { status: 503, retryable: true, message: 'The speech service failed several times and is left alone for {seconds} s.' },
  'content/blocked': { status: 451, retryable: false, message: 'The speech service does not speak this content.' },
  internal: { status: 500, retryable: false, message: 'Something unexpected went wrong ({detail}).' },
} as const;

export type ErrorCode = keyof typeof ERRORS;
export type ErrorArgs = Readonly<Record<string, number | string>>;

/** An error as data: what crosses a boundary. */
export interface ErrorBody {
  readonly code: ErrorCode;
  readonly message: string;
  readonly args: ErrorArgs;
}

/** Fills `{name}` places of a sentence. */
export const fillSentence = (sentence: string, args: ErrorArgs): string =>
  sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(args[name] ?? ''));

/** What programs tell failures apart by; few, and never changed. The fine code beside it is for the screen. */
const ANSWER_CODES = {
  401: 'UNAUTHORIZED', 403: 'FORBIDDEN', 404: 'NOT_FOUND', 405: 'INVALID_INPUT', 408: 'TIMEOUT', 409: 'CONFLICT', 410: 'GONE', 412: 'INVALID_INPUT', 413: 'TOO_LARGE', 415: 'INVALID_INPUT', 416: 'INVALID_INPUT', 422: 'INVALID_INPUT', 423: 'CONFLICT',
  429: 'RATE_LIMITED', 451: 'CONTENT_BLOCKED', 460: 'INVALID_INPUT', 499: 'CANCELLED', 503: 'UNAVAILABLE', 507: 'UNAVAILABLE',
} as const satisfies Readonly<Record<number, string>>;

/** The one body of a failed request. `detail.reason` is the fine code, beside it the values of its sentence. */
export interface ErrorAnswer {
  /** INVALID_INPUT, UNAUTHORIZED, NOT_FOUND, CONFLICT, RATE_LIMITED, UPSTREAM_*, INTERNAL ... */
  readonly code: string;
  readonly message: string;
  readonly detail: { readonly reason: ErrorCode } & ErrorArgs;
}

function answerCode(code: ErrorCode): string {
  // What a service behind ours failed with keeps its own name: UPSTREAM_QUOTA.
  if (code.startsWith('upstream/')) return code.toUpperCase().replace(/[/-]/g, '_');
  return (ANSWER_CODES as Readonly<Record<number, string>>)[ERRORS[code].status] ?? 'INTERNAL';
}

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly args: ErrorArgs;

  constructor(code: ErrorCode, args: ErrorArgs = {}, options?: ErrorOptions) {
    super(fillSentence(ERRORS[code].message, args), options);
    this.name = 'AppError';
    this.code = code;
    this.args = args;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }

  toBody(): ErrorBody {
    return { code: this.code, message: this.message, args: this.args };
  }

  /** As the server answers it. */
  toAnswer(): ErrorAnswer {
    return { code: answerCode(this.code), message: this.message, detail: { ...this.args, reason: this.code } };
  }

  /** Read back from an answer, also from one in a frame; one that is not of this form is 'internal'. */
  static fromAnswer(answer: unknown): AppError {
    const body = (answer as { readonly error?: unknown } | null)?.error ?? answer;
    const { reason, ...args } = (body as Partial<ErrorAnswer> | null)?.detail ?? { reason: undefined };
    if (typeof reason === 'string' && reason in ERRORS) return new AppError(reason, args as ErrorArgs);
    return new AppError('internal', { detail: 'server' });
  }
}

/** Any thrown value as an AppError; aborts become 'job/cancelled', the unknown 'internal'. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof Error) {
    if (thrown.name === 'AbortError') return new AppError('job/cancelled', {}, { cause: thrown });
    if (thrown.name === 'QuotaExceededError') return new AppError('storage/full', {}, { cause: thrown });
    return new AppError('internal', { detail: thrown.message }, { cause: thrown });
  }
  return new AppError('internal', { detail: String(thrown) });
}

/** Throws 'job/cancelled' once the signal is aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AppError('job/cancelled');
}
