/** Lines that cannot be written where they are to go. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { losingWriter } from '../../../src/lib/lost-lines.ts'

const PAGE = 64 * 1024

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A disk with room for so many bytes, which fails with `code` where there is none. */
function disk(room: number, code = 'ENOSPC') {
  let [left, text, tries] = [room, '', 0]
  const out = losingWriter(
    (bytes) => {
      tries += 1
      if (left === 0) throw Object.assign(new Error(code), { code })
      const taken = bytes.subarray(0, left)
      left -= taken.length
      text += taken.toString()
      return taken.length
    },
    (lost) => `lost ${lost}\n`,
  )
  return {
    out,
    text: () => text,
    tries: () => tries,
    frees: (bytes: number) => {
      left = bytes
    },
  }
}

test('a line is written at once, and whole though it is taken in parts', () => {
  const { out, text } = disk(100)
  out.write('one\n')
  out.write('two\n')
  expect(text()).toBe('one\ntwo\n')
})

test.each(['ENOSPC', 'EAGAIN', 'EPIPE', 'EIO'])(
  '%s is thrown at nobody; what waits goes on where it was left',
  (code) => {
    const { out, text, frees } = disk(6, code)
    out.write('one\n')
    out.write('two\n')
    out.write('three\n')
    expect(text()).toBe('one\ntw')
    frees(100)
    out.write('four\n')
    expect(text()).toBe('one\ntwo\nthree\nfour\n')
  },
)

test('what waits is tried again after a second, where nobody writes', () => {
  const { out, text, frees, tries } = disk(0)
  out.write('one\n')
  const before = tries()
  vi.advanceTimersByTime(3000)
  expect(tries() - before).toBe(3)
  frees(100)
  vi.advanceTimersByTime(1000)
  expect(text()).toBe('one\n')
  vi.advanceTimersByTime(10_000)
  expect(tries() - before).toBe(4)
})

test('no more than 64 KiB waits; how many lines were lost is said once, when there is room again, and in their place', () => {
  const { out, text, frees } = disk(0)
  const line = `${'x'.repeat(1023)}\n`
  for (let count = 0; count < 63; count += 1) out.write(line)
  for (let count = 0; count < 500; count += 1) out.write(`${line}${line}`)
  // Shorter than what there is room for, and behind what was lost.
  out.write('\n')
  frees(10 * PAGE)
  out.write('after\n')
  out.write('more\n')
  expect(text()).toBe(`${line.repeat(63)}lost 1001\nafter\nmore\n`)
})

test('that they were lost is not lost: it waits as lines do', () => {
  const { out, text, frees } = disk(0)
  for (const line of ['x'.repeat(PAGE - 1), 'lost']) out.write(`${line}\n`)
  frees(PAGE)
  out.write('after\n')
  expect(text()).toHaveLength(PAGE)
  frees(100)
  vi.advanceTimersByTime(1000)
  expect(text().slice(PAGE)).toBe('lost 1\nafter\n')
})

test('a line that is longer than what may wait is written, alone', () => {
  const { out, text } = disk(10 * PAGE)
  out.write(`${'x'.repeat(2 * PAGE)}\n`)
  expect(text()).toHaveLength(2 * PAGE + 1)
})
