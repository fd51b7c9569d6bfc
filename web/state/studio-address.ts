/** The studio's address with something laid out: a job, or what the next one begins with. */
export interface StudioStart {
  readonly job?: string;
  readonly reference?: string;
  readonly target?: string;
  readonly preset?: string;
}

export const studioAddress = (start: StudioStart): string => `/?${new URLSearchParams(Object.entries(start) as [string, string][]).toString()}`;
