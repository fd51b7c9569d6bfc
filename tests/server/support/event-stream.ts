/** A client of an event stream, as far as tests need one. */

export interface ServerEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: unknown;
}

export interface EventStream {
  readonly response: Response;
  /** The next event; null at the end. Comments are left out. */
  next(): Promise<ServerEvent | null>;
  /** Comments heard so far: signs of life. */
  comments(): number;
  close(): Promise<void>;
}

export function readEvents(response: Response): EventStream {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  let comments = 0;
  return {
    response,
    comments: () => comments,
    async next() {
      for (;;) {
        const end = text.indexOf('\n\n');
        if (end < 0) {
          const { value, done } = await reader.read();
          if (done) return null;
          text += value;
          continue;
        }
        const lines = text.slice(0, end).split('\n');
        text = text.slice(end + 2);
        if (lines[0]!.startsWith(':')) {
          comments += 1;
          continue;
        }
        const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
        return { event: field('event') ?? 'message', id: field('id'), data: JSON.parse(field('data') ?? 'null') as unknown };
      }
    },
    close: () => reader.cancel(),
  };
}
