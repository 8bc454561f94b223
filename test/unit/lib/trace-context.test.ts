/** W3C Trace Context, section 3.2. */
import { expect, test } from 'vitest'
import { readTraceparent, traceparentOf } from '../../../src/lib/trace-context.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'

test.each([
  ['sampled', `00-${TRACE}-${PARENT}-01`, true],
  ['not sampled', `00-${TRACE}-${PARENT}-00`, false],
  ['with flags that are not known yet', `00-${TRACE}-${PARENT}-ff`, true],
  ['of a later version', `01-${TRACE}-${PARENT}-01`, true],
  ['of a later version, with more behind it', `cc-${TRACE}-${PARENT}-00-what-the-future-says`, false],
])('a header %s is read', (_which, header, sampled) => {
  expect(readTraceparent(header)).toEqual({ trace: TRACE, parent: PARENT, sampled })
})

test.each<[string, unknown]>([
  ['none', undefined],
  ['an empty one', ''],
  ['capital letters', `00-${TRACE.toUpperCase()}-${PARENT}-01`],
  ['capital letters in the flags', `00-${TRACE}-${PARENT}-0A`],
  ['a trace of zeros', `00-${'0'.repeat(32)}-${PARENT}-01`],
  ['a parent of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
  ['the version that there is never', `ff-${TRACE}-${PARENT}-01`],
  ['more behind the version that there is', `00-${TRACE}-${PARENT}-01-more`],
  ['a later version with no dash before the rest', `01-${TRACE}-${PARENT}-01more`],
  ['the header twice, as Node joins it', `00-${TRACE}-${PARENT}-01, 00-${TRACE}-${PARENT}-01`],
  ['a list', [`00-${TRACE}-${PARENT}-01`]],
  ['a short trace', `00-${TRACE.slice(1)}-${PARENT}-01`],
  ['no hexadecimal digit', `00-${TRACE.slice(1)}g-${PARENT}-01`],
  ['a line break at the end', `00-${TRACE}-${PARENT}-01\n`],
  ['blanks', ` 00-${TRACE}-${PARENT}-01`],
  ['no flags', `00-${TRACE}-${PARENT}`],
  ['a long one', `01-${TRACE}-${PARENT}-01-${'x'.repeat(300)}`],
])('%s is no header', (_which, header) => {
  expect(readTraceparent(header)).toBeUndefined()
})

test('a call of ours goes on in the trace, with a number of its own', () => {
  const header = traceparentOf({ trace: TRACE, sampled: true })
  const read = readTraceparent(header)
  expect(read).toMatchObject({ trace: TRACE, sampled: true })
  expect(readTraceparent(traceparentOf({ trace: TRACE, sampled: false }))).not.toEqual(read)
})
