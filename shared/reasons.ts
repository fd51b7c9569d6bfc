/**
 * Why a module of a style has its values: code -> plain English sentence. Closed table; the screen translates the code.
 * Codes are `<module>/<what>`.
 */
export const REASONS = {
  'module/by-hand': 'Set by hand.',
  'module/default': 'Not part of the estimate.',
  'module/neutral': 'Nothing to change: both recordings agree here.',
  'module/not-identifiable': 'This material does not show it clearly enough, so it is left alone.',
  'module/off': 'Switched off.',
} as const satisfies Record<string, string>;

export type ReasonCode = keyof typeof REASONS;
export interface Reason {
  readonly code: ReasonCode;
  readonly args: Readonly<Record<string, number | string>>;
}
