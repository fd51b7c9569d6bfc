import { expect, test } from 'vitest';
import { firstSelection, moveSelection } from '../../../web/state/sample-selection.ts';

test('the first choice is the best stretch, else the start up to the limit', () => {
  expect(firstSelection(60, { start: 12, end: 20 })).toEqual({ start: 12, end: 20 });
  expect(firstSelection(60, null)).toEqual({ start: 0, end: 10 });
  expect(firstSelection(3.2, null)).toEqual({ start: 0, end: 3.2 });
});

test('an end stops where the sample would be too short or too long', () => {
  const chosen = { start: 10, end: 18 };
  expect(moveSelection(chosen, 'start', 2, 60)).toEqual({ start: 8, end: 18 });
  expect(moveSelection(chosen, 'start', 17, 60)).toEqual({ start: 13, end: 18 });
  expect(moveSelection(chosen, 'end', 40, 60)).toEqual({ start: 10, end: 20 });
  expect(moveSelection(chosen, 'end', 11, 60)).toEqual({ start: 10, end: 15 });
  expect(moveSelection(chosen, 'end', 40, 19)).toEqual({ start: 10, end: 19 });
});

test('moved as a whole it keeps its length and stays inside', () => {
  expect(moveSelection({ start: 10, end: 18 }, 'whole', 55, 60)).toEqual({ start: 52, end: 60 });
  expect(moveSelection({ start: 10, end: 18 }, 'whole', -3, 60)).toEqual({ start: 0, end: 8 });
  expect(moveSelection({ start: 0, end: 4 }, 'whole', 2, 4)).toEqual({ start: 0, end: 4 });
});
