/** The last stages of the FFT in fft.ts, of four, eight or two points, and the unpacking of a real transform; planar, four points at a time. */
import { untwisted } from './fft-stages';

/** The last stage of four points: all twiddles are 1. */
export function stageFour(n: i32, xr: usize, xi: usize, yr: usize, yi: usize): void {
  untwisted(<usize>n, <usize>n, xr, xi, yr, yi);
}

/**
 * The last stage of eight points: one of radix 4 whose results meet in one of radix 2 before they are stored, which
 * spares a way through memory. `twiddles` as for `stageMany`: those of the first point are 1.
 */
export function stageEight(twiddles: usize, n: i32, xr: usize, xi: usize, yr: usize, yi: usize): void {
  const row = <usize>n >> 1;
  const w1r = v128.load32_splat(twiddles, 24);
  const w1i = v128.load32_splat(twiddles, 28);
  const w2r = v128.load32_splat(twiddles, 32);
  const w2i = v128.load32_splat(twiddles, 36);
  const w3r = v128.load32_splat(twiddles, 40);
  const w3i = v128.load32_splat(twiddles, 44);
  for (let at: usize = 0; at < row; at += 16) {
    const r = xr + at;
    const i = xi + at;
    // second point: rows 1, 3, 5, 7
    let ar = v128.load(r + row);
    let ai = v128.load(i + row);
    let br = v128.load(r + 3 * row);
    let bi = v128.load(i + 3 * row);
    let cr = v128.load(r + 5 * row);
    let ci = v128.load(i + 5 * row);
    let dr = v128.load(r + 7 * row);
    let di = v128.load(i + 7 * row);
    let apcr = f32x4.add(ar, cr);
    let apci = f32x4.add(ai, ci);
    let amcr = f32x4.sub(ar, cr);
    let amci = f32x4.sub(ai, ci);
    let bpdr = f32x4.add(br, dr);
    let bpdi = f32x4.add(bi, di);
    let bmdr = f32x4.sub(br, dr);
    let bmdi = f32x4.sub(bi, di);
    const v0r = f32x4.add(apcr, bpdr);
    const v0i = f32x4.add(apci, bpdi);
    let tr = f32x4.add(amcr, bmdi);
    let ti = f32x4.sub(amci, bmdr);
    const v1r = f32x4.sub(f32x4.mul(tr, w1r), f32x4.mul(ti, w1i));
    const v1i = f32x4.add(f32x4.mul(tr, w1i), f32x4.mul(ti, w1r));
    tr = f32x4.sub(apcr, bpdr);
    ti = f32x4.sub(apci, bpdi);
    const v2r = f32x4.sub(f32x4.mul(tr, w2r), f32x4.mul(ti, w2i));
    const v2i = f32x4.add(f32x4.mul(tr, w2i), f32x4.mul(ti, w2r));
    tr = f32x4.sub(amcr, bmdi);
    ti = f32x4.add(amci, bmdr);
    const v3r = f32x4.sub(f32x4.mul(tr, w3r), f32x4.mul(ti, w3i));
    const v3i = f32x4.add(f32x4.mul(tr, w3i), f32x4.mul(ti, w3r));
    // first point: rows 0, 2, 4, 6
    ar = v128.load(r);
    ai = v128.load(i);
    br = v128.load(r + 2 * row);
    bi = v128.load(i + 2 * row);
    cr = v128.load(r + 4 * row);
    ci = v128.load(i + 4 * row);
    dr = v128.load(r + 6 * row);
    di = v128.load(i + 6 * row);
    apcr = f32x4.add(ar, cr);
    apci = f32x4.add(ai, ci);
    amcr = f32x4.sub(ar, cr);
    amci = f32x4.sub(ai, ci);
    bpdr = f32x4.add(br, dr);
    bpdi = f32x4.add(bi, di);
    bmdr = f32x4.sub(br, dr);
    bmdi = f32x4.sub(bi, di);
    storeSumAndDifference(yr + at, row, f32x4.add(apcr, bpdr), v0r);
    storeSumAndDifference(yi + at, row, f32x4.add(apci, bpdi), v0i);
    storeSumAndDifference(yr + at + row, row, f32x4.add(amcr, bmdi), v1r);
    storeSumAndDifference(yi + at + row, row, f32x4.sub(amci, bmdr), v1i);
    storeSumAndDifference(yr + at + 2 * row, row, f32x4.sub(apcr, bpdr), v2r);
    storeSumAndDifference(yi + at + 2 * row, row, f32x4.sub(apci, bpdi), v2i);
    storeSumAndDifference(yr + at + 3 * row, row, f32x4.sub(amcr, bmdi), v3r);
    storeSumAndDifference(yi + at + 3 * row, row, f32x4.add(amci, bmdr), v3i);
  }
}

// @ts-ignore: decorator
@inline
function storeSumAndDifference(to: usize, row: usize, first: v128, second: v128): void {
  v128.store(to, f32x4.add(first, second));
  v128.store(to + 4 * row, f32x4.sub(first, second));
}

export function stageTwo(n: i32, xr: usize, xi: usize, yr: usize, yi: usize): void {
  const half = <usize>n << 1;
  for (let at: usize = 0; at < half; at += 16) {
    const ar = v128.load(xr + at);
    const ai = v128.load(xi + at);
    const br = v128.load(xr + at + half);
    const bi = v128.load(xi + at + half);
    v128.store(yr + at, f32x4.add(ar, br));
    v128.store(yi + at, f32x4.add(ai, bi));
    v128.store(yr + at + half, f32x4.sub(ar, br));
    v128.store(yi + at + half, f32x4.sub(ai, bi));
  }
}

// @ts-ignore: decorator
@inline
export function reversed(x: v128): v128 {
  return v128.shuffle<f32>(x, x, 3, 2, 1, 0);
}

/**
 * Two ends of a spectrum, four k at a time, from the transform of points that hold two real ones:
 * E = (Z[k] + Z*[n-k]) / 2, T = -j W^k (Z[k] - Z*[n-k]) / 2; X[k] = E + T and X[n-k] = (E - T)*.
 * @param br as it lies at the far end, so last k first; @param mirror where the far end lies
 */
// @ts-ignore: decorator
@inline
export function unpackPair(ar: v128, ai: v128, br: v128, bi: v128, wr: usize, wi: usize, outR: usize, outI: usize, at: usize, mirror: usize): void {
  const half = f32x4.splat(0.5);
  const cr = reversed(br);
  const ci = reversed(bi);
  const er = f32x4.mul(half, f32x4.add(ar, cr));
  const ei = f32x4.mul(half, f32x4.sub(ai, ci));
  const or = f32x4.mul(half, f32x4.add(ai, ci));
  const oi = f32x4.mul(half, f32x4.sub(cr, ar));
  const tr = f32x4.sub(f32x4.mul(or, v128.load(wr + at)), f32x4.mul(oi, v128.load(wi + at)));
  const ti = f32x4.add(f32x4.mul(or, v128.load(wi + at)), f32x4.mul(oi, v128.load(wr + at)));
  v128.store(outR + at, f32x4.add(er, tr));
  v128.store(outI + at, f32x4.add(ei, ti));
  v128.store(outR + mirror, reversed(f32x4.sub(er, tr)));
  v128.store(outI + mirror, reversed(f32x4.sub(ti, ei)));
}

/**
 * The last stage of four points, `stageFour`, and the unpacking of a real transform in one way through memory. The four
 * results of columns c and those of their mirrors n / 4 - c belong together in pairs: even rows of one with odd ones of the other,
 * so that half of each butterfly is worked out at a time, which the registers can hold.
 * @param wr unpacking twiddles
 */
export function stageFourUnpacked(n: i32, xr: usize, xi: usize, wr: usize, wi: usize, outR: usize, outI: usize): void {
  const row = <usize>n;
  const bytes = row << 2;
  for (let column: usize = 4; column < row >> 1; column += 16) {
    const far = row - column - 12;
    const nr = xr + column;
    const ni = xi + column;
    const fr = xr + far;
    const fi = xi + far;
    // rows 0 and 2 here, 3 and 1 there
    let pr = f32x4.add(v128.load(nr), v128.load(nr + 2 * row));
    let pi = f32x4.add(v128.load(ni), v128.load(ni + 2 * row));
    let qr = f32x4.add(v128.load(nr + row), v128.load(nr + 3 * row));
    let qi = f32x4.add(v128.load(ni + row), v128.load(ni + 3 * row));
    let sr = f32x4.sub(v128.load(fr), v128.load(fr + 2 * row));
    let si = f32x4.sub(v128.load(fi), v128.load(fi + 2 * row));
    let dr = f32x4.sub(v128.load(fr + row), v128.load(fr + 3 * row));
    let di = f32x4.sub(v128.load(fi + row), v128.load(fi + 3 * row));
    unpackPair(f32x4.add(pr, qr), f32x4.add(pi, qi), f32x4.sub(sr, di), f32x4.add(si, dr), wr, wi, outR, outI, column, far + 3 * row);
    unpackPair(f32x4.sub(pr, qr), f32x4.sub(pi, qi), f32x4.add(sr, di), f32x4.sub(si, dr), wr, wi, outR, outI, column + 2 * row, far + row);
    // rows 1 and 3 here, 2 and 0 there
    sr = f32x4.sub(v128.load(nr), v128.load(nr + 2 * row));
    si = f32x4.sub(v128.load(ni), v128.load(ni + 2 * row));
    dr = f32x4.sub(v128.load(nr + row), v128.load(nr + 3 * row));
    di = f32x4.sub(v128.load(ni + row), v128.load(ni + 3 * row));
    pr = f32x4.add(v128.load(fr), v128.load(fr + 2 * row));
    pi = f32x4.add(v128.load(fi), v128.load(fi + 2 * row));
    qr = f32x4.add(v128.load(fr + row), v128.load(fr + 3 * row));
    qi = f32x4.add(v128.load(fi + row), v128.load(fi + 3 * row));
    unpackPair(f32x4.add(sr, di), f32x4.sub(si, dr), f32x4.sub(pr, qr), f32x4.sub(pi, qi), wr, wi, outR, outI, column + row, far + 2 * row);
    unpackPair(f32x4.sub(sr, di), f32x4.add(si, dr), f32x4.add(pr, qr), f32x4.add(pi, qi), wr, wi, outR, outI, column + 3 * row, far);
  }
  // Column 0: its rows are each other's mirrors.
  const ar = load<f32>(xr);
  const ai = load<f32>(xi);
  const br = load<f32>(xr + row);
  const bi = load<f32>(xi + row);
  const cr = load<f32>(xr + 2 * row);
  const ci = load<f32>(xi + 2 * row);
  const dr = load<f32>(xr + 3 * row);
  const di = load<f32>(xi + 3 * row);
  const dc = ar + cr + (br + dr);
  const nyquist = ai + ci + (bi + di);
  store<f32>(outR, dc + nyquist);
  store<f32>(outI, 0);
  store<f32>(outR + bytes, dc - nyquist);
  store<f32>(outI + bytes, 0);
  // k = n / 2: W = -j
  store<f32>(outR + 2 * row, ar + cr - (br + dr));
  store<f32>(outI + 2 * row, -(ai + ci - (bi + di)));
  // k = n / 4 and 3 n / 4
  const r1 = ar - cr + (bi - di);
  const i1 = ai - ci - (br - dr);
  const r3 = ar - cr - (bi - di);
  const i3 = ai - ci + (br - dr);
  const w1r = load<f32>(wr + row);
  const w1i = load<f32>(wi + row);
  const er = <f32>0.5 * (r1 + r3);
  const ei = <f32>0.5 * (i1 - i3);
  const or = <f32>0.5 * (i1 + i3);
  const oi = <f32>0.5 * (r3 - r1);
  const tr = or * w1r - oi * w1i;
  const ti = or * w1i + oi * w1r;
  store<f32>(outR + row, er + tr);
  store<f32>(outI + row, ei + ti);
  store<f32>(outR + 3 * row, er - tr);
  store<f32>(outI + 3 * row, ti - ei);
}
