/** Lists of the server come in pages; who needs a list to its end follows them. */

interface Page {
  readonly next_cursor: string | null;
}

/** @param read  one page: the first without a cursor, each other with that of the one before */
export async function allPages<P extends Page>(read: (from: { readonly cursor?: string }) => Promise<P>): Promise<P[]> {
  const pages: P[] = [];
  for (let cursor: string | null = null; ; ) {
    const page: P = await read(cursor === null ? {} : { cursor });
    pages.push(page);
    if (page.next_cursor === null) return pages;
    cursor = page.next_cursor;
  }
}
