/** The log cannot be written: everybody is answered all the same. */
import { expect, test } from 'vitest'
import { installation, launchRedirected, ready } from '../../support/app/process.ts'

test.each([
  ['a disk that is full', '2>/dev/full'],
  ['a pipe whose reader has ended', '2> >(exit 0)'],
])('the log goes to %s: the process answers, and stops as it does otherwise', async (_where, redirection) => {
  const where = await installation({ settings: { log: { level: 'debug' } } })
  const server = await ready(where, launchRedirected(where, redirection))
  // More than one page of lines, so that they were written several times.
  for (let count = 0; count < 300; count += 1) {
    const { status } = await fetch(`${where.origin}/recover?${count}`)
    expect(status).toBe(200)
  }
  server.signal('SIGTERM')
  expect(await server.ended).toMatchObject({ code: 0, signal: null })
})
