import { expect, test } from 'vitest';
import { splitText } from '../../../web/jobs/voices/split-text.ts';

test('short text is one part, nothing is none', () => {
  expect(splitText('Hello there.', 100)).toEqual(['Hello there.']);
  expect(splitText('  \n ', 100)).toEqual([]);
});

test('a text is cut between sentences, as few times as the length allows', () => {
  expect(splitText('One is here. Two is here! Three is here?', 26)).toEqual(['One is here. Two is here!', 'Three is here?']);
  expect(splitText('今天天气很好。我们去公园吧！你来吗？', 14)).toEqual(['今天天气很好。我们去公园吧！', '你来吗？']);
});

test('a number, an address or an ellipsis is not cut, and closing quotes stay with their sentence', () => {
  expect(splitText('It is 3.14 at tonetwin.app today. Next one.', 34)).toEqual(['It is 3.14 at tonetwin.app today.', 'Next one.']);
  expect(splitText('他说：“走吧。”然后离开。', 8)).toEqual(['他说：“走吧。”', '然后离开。']);
  expect(splitText('Well... no. Yes.', 11)).toEqual(['Well... no.', 'Yes.']);
});

test('a sentence that is too long is cut at a clause, then at a space, then anywhere but within a character', () => {
  expect(splitText('one two, three four five', 12)).toEqual(['one two,', 'three four', 'five']);
  expect(splitText('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
  expect(splitText('a😀😀', 2)).toEqual(['a', '😀', '😀']);
});

test('nothing is lost: parts joined are the text but for white space', () => {
  const text = 'First sentence, quite long; with clauses: many of them. 第二句话很长，有很多部分，一直说下去。Third? Yes!\n\nFourth line without an end';
  for (const most of [2, 5, 9, 17, 40, 200]) {
    const parts = splitText(text, most);
    expect(parts.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
    expect(Math.max(...parts.map(({ length }) => length))).toBeLessThanOrEqual(most);
    expect(parts.every((part) => part !== '')).toBe(true);
  }
});
