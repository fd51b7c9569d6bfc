/** The radix-4 stages of the FFT in fft.ts but the last (fft-last-stages.ts), planar, four points at a time. */

/** First stage: reads interleaved complex numbers, four neighbouring points at a time; a transpose orders the outputs. */
export function stageOne(twiddles: usize, n: i32, x: usize, yr: usize, yi: usize): void {
  const quarterBytes: usize = <usize>n;
  for (let at: usize = 0; at < quarterBytes; at += 16) {
    const a = x + (at << 1);
    const a0 = v128.load(a);
    const a1 = v128.load(a, 16);
    const b0 = v128.load(a + 2 * quarterBytes);
    const b1 = v128.load(a + 2 * quarterBytes, 16);
    const c0 = v128.load(a + 4 * quarterBytes);
    const c1 = v128.load(a + 4 * quarterBytes, 16);
    const d0 = v128.load(a + 6 * quarterBytes);
    const d1 = v128.load(a + 6 * quarterBytes, 16);
    const ar = v128.shuffle<f32>(a0, a1, 0, 2, 4, 6);
    const ai = v128.shuffle<f32>(a0, a1, 1, 3, 5, 7);
    const br = v128.shuffle<f32>(b0, b1, 0, 2, 4, 6);
    const bi = v128.shuffle<f32>(b0, b1, 1, 3, 5, 7);
    const cr = v128.shuffle<f32>(c0, c1, 0, 2, 4, 6);
    const ci = v128.shuffle<f32>(c0, c1, 1, 3, 5, 7);
    const dr = v128.shuffle<f32>(d0, d1, 0, 2, 4, 6);
    const di = v128.shuffle<f32>(d0, d1, 1, 3, 5, 7);
    const apcr = f32x4.add(ar, cr);
    const apci = f32x4.add(ai, ci);
    const amcr = f32x4.sub(ar, cr);
    const amci = f32x4.sub(ai, ci);
    const bpdr = f32x4.add(br, dr);
    const bpdi = f32x4.add(bi, di);
    const bmdr = f32x4.sub(br, dr);
    const bmdi = f32x4.sub(bi, di);
    // a - c -+ j (b - d)
    const t1r = f32x4.add(amcr, bmdi);
    const t1i = f32x4.sub(amci, bmdr);
    const t2r = f32x4.sub(apcr, bpdr);
    const t2i = f32x4.sub(apci, bpdi);
    const t3r = f32x4.sub(amcr, bmdi);
    const t3i = f32x4.add(amci, bmdr);
    const w1r = v128.load(twiddles + at);
    const w1i = v128.load(twiddles + at + quarterBytes);
    const w2r = v128.load(twiddles + at + 2 * quarterBytes);
    const w2i = v128.load(twiddles + at + 3 * quarterBytes);
    const w3r = v128.load(twiddles + at + 4 * quarterBytes);
    const w3i = v128.load(twiddles + at + 5 * quarterBytes);
    transposeStore(
      yr + (at << 2),
      f32x4.add(apcr, bpdr),
      f32x4.sub(f32x4.mul(t1r, w1r), f32x4.mul(t1i, w1i)),
      f32x4.sub(f32x4.mul(t2r, w2r), f32x4.mul(t2i, w2i)),
      f32x4.sub(f32x4.mul(t3r, w3r), f32x4.mul(t3i, w3i)),
    );
    transposeStore(
      yi + (at << 2),
      f32x4.add(apci, bpdi),
      f32x4.add(f32x4.mul(t1r, w1i), f32x4.mul(t1i, w1r)),
      f32x4.add(f32x4.mul(t2r, w2i), f32x4.mul(t2i, w2r)),
      f32x4.add(f32x4.mul(t3r, w3i), f32x4.mul(t3i, w3r)),
    );
  }
}

// @ts-ignore: decorator
@inline
function transposeStore(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
  v128.store(to, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7), 16);
  v128.store(to, v128.shuffle<f32>(abHigh, cdHigh, 0, 1, 4, 5), 32);
  v128.store(to, v128.shuffle<f32>(abHigh, cdHigh, 2, 3, 6, 7), 48);
}

/** A later stage: `columns` (a multiple of 4) independent transforms of `length` points, twiddles shared. */
export function stageMany(twiddles: usize, length: i32, columns: i32, xr: usize, xi: usize, yr: usize, yi: usize): void {
  // A row's length that the compiler knows becomes part of its instructions.
  if (columns == 4) stageOfRows<u8>(twiddles, length, xr, xi, yr, yi);
  else if (columns == 16) stageOfRows<f32>(twiddles, length, xr, xi, yr, yi);
  else if (columns == 64) stageOfRows<v128>(twiddles, length, xr, xi, yr, yi);
  else stageOfLongRows(twiddles, length, columns, xr, xi, yr, yi);
}

/** `R` has a quarter as many bytes as a row has columns: a constant for the compiler. */
function stageOfRows<R>(twiddles: usize, length: i32, xr: usize, xi: usize, yr: usize, yi: usize): void {
  const quarter = <usize>length >> 2;
  const from = quarter * sizeof<v128>() * sizeof<R>();
  untwisted(from, sizeof<v128>() * sizeof<R>(), xr, xi, yr, yi);
  for (let p: usize = 1; p < quarter; p++) {
    twiddles += 24;
    const w1r = v128.load32_splat(twiddles);
    const w1i = v128.load32_splat(twiddles, 4);
    const w2r = v128.load32_splat(twiddles, 8);
    const w2i = v128.load32_splat(twiddles, 12);
    const w3r = v128.load32_splat(twiddles, 16);
    const w3i = v128.load32_splat(twiddles, 20);
    let fromR = xr + p * sizeof<v128>() * sizeof<R>();
    let fromI = xi + p * sizeof<v128>() * sizeof<R>();
    let toR = yr + 4 * p * sizeof<v128>() * sizeof<R>();
    let toI = yi + 4 * p * sizeof<v128>() * sizeof<R>();
    for (const end = fromR + sizeof<v128>() * sizeof<R>(); fromR < end; fromR += 16, fromI += 16, toR += 16, toI += 16) {
      const ar = v128.load(fromR);
      const ai = v128.load(fromI);
      const br = v128.load(fromR + from);
      const bi = v128.load(fromI + from);
      const cr = v128.load(fromR + 2 * from);
      const ci = v128.load(fromI + 2 * from);
      const dr = v128.load(fromR + 3 * from);
      const di = v128.load(fromI + 3 * from);
      const apcr = f32x4.add(ar, cr);
      const apci = f32x4.add(ai, ci);
      const amcr = f32x4.sub(ar, cr);
      const amci = f32x4.sub(ai, ci);
      const bpdr = f32x4.add(br, dr);
      const bpdi = f32x4.add(bi, di);
      const bmdr = f32x4.sub(br, dr);
      const bmdi = f32x4.sub(bi, di);
      const t1r = f32x4.add(amcr, bmdi);
      const t1i = f32x4.sub(amci, bmdr);
      const t2r = f32x4.sub(apcr, bpdr);
      const t2i = f32x4.sub(apci, bpdi);
      const t3r = f32x4.sub(amcr, bmdi);
      const t3i = f32x4.add(amci, bmdr);
      v128.store(toR, f32x4.add(apcr, bpdr));
      v128.store(toI, f32x4.add(apci, bpdi));
      v128.store(toR, f32x4.sub(f32x4.mul(t1r, w1r), f32x4.mul(t1i, w1i)), sizeof<v128>() * sizeof<R>());
      v128.store(toI, f32x4.add(f32x4.mul(t1r, w1i), f32x4.mul(t1i, w1r)), sizeof<v128>() * sizeof<R>());
      v128.store(toR, f32x4.sub(f32x4.mul(t2r, w2r), f32x4.mul(t2i, w2i)), 2 * sizeof<v128>() * sizeof<R>());
      v128.store(toI, f32x4.add(f32x4.mul(t2r, w2i), f32x4.mul(t2i, w2r)), 2 * sizeof<v128>() * sizeof<R>());
      v128.store(toR, f32x4.sub(f32x4.mul(t3r, w3r), f32x4.mul(t3i, w3i)), 3 * sizeof<v128>() * sizeof<R>());
      v128.store(toI, f32x4.add(f32x4.mul(t3r, w3i), f32x4.mul(t3i, w3r)), 3 * sizeof<v128>() * sizeof<R>());
    }
  }
}

/** The same for any number of columns. */
function stageOfLongRows(twiddles: usize, length: i32, columns: i32, xr: usize, xi: usize, yr: usize, yi: usize): void {
  const quarter = length >> 2;
  const columnBytes = <usize>columns << 2;
  const quarterBytes = <usize>quarter * columnBytes;
  untwisted(quarterBytes, columnBytes, xr, xi, yr, yi);
  twiddles += 24;
  for (let p = 1; p < quarter; p++) {
    const w1r = v128.load32_splat(twiddles);
    const w1i = v128.load32_splat(twiddles, 4);
    const w2r = v128.load32_splat(twiddles, 8);
    const w2i = v128.load32_splat(twiddles, 12);
    const w3r = v128.load32_splat(twiddles, 16);
    const w3i = v128.load32_splat(twiddles, 20);
    twiddles += 24;
    let fromR = xr + <usize>p * columnBytes;
    let fromI = xi + <usize>p * columnBytes;
    let toR = yr + ((<usize>p * columnBytes) << 2);
    let toI = yi + ((<usize>p * columnBytes) << 2);
    for (const end = fromR + columnBytes; fromR < end; ) {
      const ar = v128.load(fromR);
      const ai = v128.load(fromI);
      const br = v128.load(fromR + quarterBytes);
      const bi = v128.load(fromI + quarterBytes);
      const cr = v128.load(fromR + 2 * quarterBytes);
      const ci = v128.load(fromI + 2 * quarterBytes);
      const dr = v128.load(fromR + 3 * quarterBytes);
      const di = v128.load(fromI + 3 * quarterBytes);
      const apcr = f32x4.add(ar, cr);
      const apci = f32x4.add(ai, ci);
      const amcr = f32x4.sub(ar, cr);
      const amci = f32x4.sub(ai, ci);
      const bpdr = f32x4.add(br, dr);
      const bpdi = f32x4.add(bi, di);
      const bmdr = f32x4.sub(br, dr);
      const bmdi = f32x4.sub(bi, di);
      const t1r = f32x4.add(amcr, bmdi);
      const t1i = f32x4.sub(amci, bmdr);
      const t2r = f32x4.sub(apcr, bpdr);
      const t2i = f32x4.sub(apci, bpdi);
      const t3r = f32x4.sub(amcr, bmdi);
      const t3i = f32x4.add(amci, bmdr);
      v128.store(toR, f32x4.add(apcr, bpdr));
      v128.store(toI, f32x4.add(apci, bpdi));
      v128.store(toR + columnBytes, f32x4.sub(f32x4.mul(t1r, w1r), f32x4.mul(t1i, w1i)));
      v128.store(toI + columnBytes, f32x4.add(f32x4.mul(t1r, w1i), f32x4.mul(t1i, w1r)));
      v128.store(toR + 2 * columnBytes, f32x4.sub(f32x4.mul(t2r, w2r), f32x4.mul(t2i, w2i)));
      v128.store(toI + 2 * columnBytes, f32x4.add(f32x4.mul(t2r, w2i), f32x4.mul(t2i, w2r)));
      v128.store(toR + 3 * columnBytes, f32x4.sub(f32x4.mul(t3r, w3r), f32x4.mul(t3i, w3i)));
      v128.store(toI + 3 * columnBytes, f32x4.add(f32x4.mul(t3r, w3i), f32x4.mul(t3i, w3r)));
      fromR += 16;
      fromI += 16;
      toR += 16;
      toI += 16;
    }
  }
}

/** Radix 4 where all twiddles are 1. @param from bytes from row to row of what is read; @param width bytes of a row that is written */
// @ts-ignore: decorator
@inline
export function untwisted(from: usize, width: usize, xr: usize, xi: usize, yr: usize, yi: usize): void {
  for (let at: usize = 0; at < width; at += 16) {
    const ar = v128.load(xr + at);
    const ai = v128.load(xi + at);
    const br = v128.load(xr + at + from);
    const bi = v128.load(xi + at + from);
    const cr = v128.load(xr + at + 2 * from);
    const ci = v128.load(xi + at + 2 * from);
    const dr = v128.load(xr + at + 3 * from);
    const di = v128.load(xi + at + 3 * from);
    const apcr = f32x4.add(ar, cr);
    const apci = f32x4.add(ai, ci);
    const amcr = f32x4.sub(ar, cr);
    const amci = f32x4.sub(ai, ci);
    const bpdr = f32x4.add(br, dr);
    const bpdi = f32x4.add(bi, di);
    const bmdr = f32x4.sub(br, dr);
    const bmdi = f32x4.sub(bi, di);
    v128.store(yr + at, f32x4.add(apcr, bpdr));
    v128.store(yi + at, f32x4.add(apci, bpdi));
    v128.store(yr + at + width, f32x4.add(amcr, bmdi));
    v128.store(yi + at + width, f32x4.sub(amci, bmdr));
    v128.store(yr + at + 2 * width, f32x4.sub(apcr, bpdr));
    v128.store(yi + at + 2 * width, f32x4.sub(apci, bpdi));
    v128.store(yr + at + 3 * width, f32x4.sub(amcr, bmdi));
    v128.store(yi + at + 3 * width, f32x4.add(amci, bmdr));
  }
}
