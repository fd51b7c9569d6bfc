/**
 * A circuit breaker as a pure machine: after failures in a row the service is left alone for a while; then one call tries.
 * Source: M. Nygard, "Release It!", 2nd ed., chapter 5, "Circuit Breaker".
 */

export type Circuit =
  | { readonly status: 'closed'; readonly failures: number }
  | { readonly status: 'open'; readonly untilMs: number }
  /** One call is on its way; nobody else is let through until it ends, or until it is given up. */
  | { readonly status: 'half-open'; readonly untilMs: number };

export interface CircuitLaws {
  readonly failures: number;
  readonly openMs: number;
}

export const CIRCUIT_LAWS: CircuitLaws = { failures: 5, openMs: 30_000 };
export const CLOSED: Circuit = { status: 'closed', failures: 0 };

/** @returns the circuit from now on, and whether the call may go; else the wait in ms */
export function ask(circuit: Circuit, nowMs: number, { openMs }: CircuitLaws = CIRCUIT_LAWS): { readonly circuit: Circuit; readonly waitMs: number } {
  switch (circuit.status) {
    case 'closed':
      return { circuit, waitMs: 0 };
    case 'open':
    case 'half-open':
      if (nowMs < circuit.untilMs) return { circuit, waitMs: circuit.untilMs - nowMs };
      return { circuit: { status: 'half-open', untilMs: nowMs + openMs }, waitMs: 0 };
    default:
      return circuit satisfies never;
  }
}

/** @param outcome `neither`: the call was given up or refused, which says nothing about the service */
export function told(circuit: Circuit, outcome: 'success' | 'failure' | 'neither', nowMs: number, { failures, openMs }: CircuitLaws = CIRCUIT_LAWS): Circuit {
  if (outcome === 'success') return CLOSED;
  switch (circuit.status) {
    case 'closed': {
      if (outcome === 'neither') return circuit;
      const count = circuit.failures + 1;
      return count >= failures ? { status: 'open', untilMs: nowMs + openMs } : { status: 'closed', failures: count };
    }
    case 'half-open':
      // Whoever tried learned nothing: the next one may try at once.
      return outcome === 'neither' ? { status: 'open', untilMs: nowMs } : { status: 'open', untilMs: nowMs + openMs };
    case 'open':
      return circuit;
    default:
      return circuit satisfies never;
  }
}
