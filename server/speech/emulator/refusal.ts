/** Failures as the documented API words them: `{"error":{"message","type"}}` and a status. Source: StepFun, page of error codes, and answers seen. */

export class Refusal extends Error {
  readonly status: number;
  readonly type: string;

  constructor(status: number, type: string, message: string) {
    super(message);
    this.status = status;
    this.type = type;
  }

  body(): { readonly error: { readonly message: string; readonly type: string } } {
    return { error: { message: this.message, type: this.type } };
  }
}

export const badRequest = (message: string): Refusal => new Refusal(400, 'request_params_invalid', message);
export const censored = (): Refusal => new Refusal(451, 'censorship_block', 'The content you provided or machine outputted is blocked.');
export const tooFast = (): Refusal => new Refusal(429, 'rate_limited', 'You have sent too many requests, please try again later.');
export const wrongKey = (): Refusal => new Refusal(401, 'invalid_api_key', 'Incorrect API key provided');
export const noPath = (): Refusal => new Refusal(404, 'not_found', 'The requested path does not exist.');
